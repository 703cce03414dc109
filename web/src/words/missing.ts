// The Chinese words of an address where no page is, loaded with it.

export const missingWords = {
  notFound: {
    title: '没有这个页面',
    text: '地址可能写错了，或者页面已经移走。',
    home: '回到账号页',
  },
} as const;
