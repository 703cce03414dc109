// The Chinese words of the large view of a picture, loaded with it.

export const lightboxWords = {
  lightbox: {
    title: '图片或视频',
    close: '关闭',
    next: '下一张',
    previous: '上一张',
    larger: '放大',
    smaller: '缩小',
    download: '下载',
  },
} as const;
