// A small file of each kind, for who sends one without bringing it; it never reads a disk.
import type { FileKind } from './compose.ts';

export interface Sample {
  readonly bytes: Buffer;
  readonly mime: string;
}

/** 64 x 64 points: a white disc on a gradient. */
const JPEG =
  '/9j/2wBDABQUFBQVFBcZGRcfIh4iHy4rJycrLkYyNjI2MkZqQk5CQk5Cal5yXVZdcl6phXZ2hanDpJukw+zT0+z/////////2wBDARQUFBQVFBcZGRcfIh4iHy4rJycrLkYyNjI2MkZqQk5CQk5Cal5yXVZdcl6phXZ2hanDpJukw+zT0+z/////////wgARCABAAEADASIAAhEBAxEB/8QAGQABAQEBAQEAAAAAAAAAAAAAAAEGAgUD/8QAGQEAAgMBAAAAAAAAAAAAAAAAAQIAAwUE/9oADAMBAAIQAxAAAADmIcYRiIxQY9krX1dHKumzWlGYWHRn9kqXcXNaVNJLmZPJJ1cH0hUqDlEYiNP/xAAhEAACAQMEAwEAAAAAAAAAAAABAwIABAUREiAhEEBBQv/aAAgBAQABPwD0sdjjdnfPpQpduhI0guIptuhw0YuJrJY42h3w7UeNusJQuA/MfNwqLkMWfseKGxahbB9j5uWRShjD+Y8cdkjaHZPtRpVyhw1WyJptyhI1YyIrJZI3Z2Q6UPT/AP/EABgRAQADAQAAAAAAAAAAAAAAAAEAAhAR/9oACAECAQE/AAwNWVeOBGqStVYGhn//xAAaEQADAQEBAQAAAAAAAAAAAAACAyEBACAQ/9oACAEDAQE/APKlCA5LzFiY7L9WwTHLeYzAzbfX/9k=';
const WEBP =
  'UklGRrYAAABXRUJQVlA4IKoAAAAQBgCdASpAAEAAPxF4sVGsJ6SisBgJAYAiCWQAuwBMx6oPH/7zjKEtCdt4XIKEjMYu9LTq3grtXXAA/qv3P/sX7A/iWc/GPVi240C9ZiJW2uCbvJDeUcDiPgJS5val6GJCaiuPbqGPmH8t1Xe1wkUszrN5SmlwyvNECWFPmzyNDz9c2K6T2ruUbJWohQfdagO3yr5vF1xIFsbk8BdO95O38JLfSxwfNeQAAA==';
/** 64 x 64 points, three seconds: a white disc that goes to and fro. H.264 without sound, as WhatsApp's own. */
const MP4 =
  'AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEAAAKXbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAD6AAAC7gAAQAAAQAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAiN0cmFrAAAAXHRraGQAAAADAAAAAAAAAAAAAAABAAAAAAAAC7gAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAEAAAABAAAAAAAG/bWRpYQAAACBtZGhkAAAAAAAAAAAAAAAAAAAD6AAAC7hVxAAAAAAAIWhkbHIAAAAAAAAAAHZpZGUAAAAAAAAAAAAAAAAAAAABdm1pbmYAAAAUdm1oZAAAAAEAAAAAAAAAAAAAACRkaW5mAAAAHGRyZWYAAAAAAAAAAQAAAAx1cmwgAAAAAQAAATZzdGJsAAAAjnN0c2QAAAAAAAAAAQAAAH5hdmMxAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAEAAQABIAAAASAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGP//AAAAKGF2Y0MBQsAK/+EAEWdCwAqMjUISTcBDQEHhEI1AAQAEaM48gAAAABhzdHRzAAAAAAAAAAEAAAAMAAAA+gAAABRzdHNzAAAAAAAAAAEAAAABAAAAHHN0c2MAAAAAAAAAAQAAAAEAAAAMAAAAAQAAAERzdHN6AAAAAAAAAAAAAAAMAAAA0QAAADsAAABLAAAATgAAAIQAAACVAAAAnwAAAMAAAAC4AAAAmgAAAKEAAADGAAAAFHN0Y28AAAAAAAAAAQAAAr8AAAbebWRhdAAAAM1luAAEAAAT///giigAP8cAAQFZNScn/3lAi4Q4AFLjcvBICtO/OdEYPO/IAHz7cRZYz0OUBjzeMOePHv+hEDFK+BaO4AL7HDv4rhrpTBhw9TppvwK2qzWOfqAA3yeT2Jj/uvD1Rmgnj3oHp+F45h4C3xQ5df0GnzWMGGHrSl8egiTqh3TuAAf+t2aSHfg9iMwWK/P9CECw/m/hw78CsVw/tB8/BfD7dpOPeC9votbXt4fb5JvwKLf5Jjn6n+gcofwW0KHEQikh66WTrp68AAAAN2HgAEAAvkE5YKWZjuMHBSKmTgrmw1BeBkXwdCb//ib6z3+i/zbkIDippnrSLk1VP7yNdvr55LgAAABHYeAAgAE+R5Qvr//wI63nn4LYnx7IPQfAPrKTPBaxPAs8Hi9HFpHgzEQ0grI/4vvPf//ewUzVAAFy+nT7wO8JwPQguyiwJoAAAABKYeAAwAG+QXlg57CBQVw3m8BBpuPL8dIg6RfBXBh4aiGABVr6P7zxbCXE/Es/Tw6mqjydwnluG4D6xc4fRYkX8kKk0T8Zmw/85oAAAACAYeABAAI+QJ/q/1f6v9XqCuK8JeNhAI92B/uyF/O2PiACkq359Arow3q2TyWETA4K/WsgC9dYG15ylr8oB/YMqOAxW21CbgARm+67r/+BqiNlnv9ZBREBJP+a0ZBL+H+eNBnEL0JTKF+lAG/2kAvRM/pg+tG2mymCi45kklHvDlgAAACRYeABQAK+QN5gngAQ9f9X3//AFzZEY89grh3gStemrHGZHUNhhCxOFdF4dquX9+WvfnHjpoaQgu/N6/BXE8Bh/Oh/59Jg68Ab9XAf/18hyFtaiP78Rvp/7D5Mpv9/xuszqmAfPf7w5a9VXwBhiGZ9uFH9IfFac3rzTQdIrhbD1gyyISPMtJGDjbX9IfCFi7X5YAAAAJth4AGAAz5AR5j+X4KQWwUlDUEHCQYPlEdqeUCTcBNEKhrNtBX3no7+s9vh1+YNBEMWt/grh/uIIAO33Tk778zfAcFwAfbFbfvbaiBqJAIWcT/EjvDnyrXAGd5fXc5HZNhsRgww65lY3PrmD/PqcAe/7OiUXXyH5Zb7AdIuC+A1AAICzHsj3bS9QHVrxpoCL9Af/wft+36qlxhnywAAALxh4AHAA75AV5gvgAQ9f9X3//ACzY1IaOcxKaBVZBvLIAM25uJ77XuPBB3qAC18rdDjbAs7JBJjG99z6rRcvDyGiJEV+Ae5ntan4KGFuJXo3xHwLpraNWvQE7VPWYkcv94M1AAMAiyxXi/QHAUSiO7FSqQkPSZDR0j36EEBRC2tnZaeZ4L+x3w5W1u53BBEFUBCX4w+6nP0aTRAH2FsMAAJBEk/wAIe/aWfv2jK2zNb1jrf6+C16O7jq4ClgAAAALRh4AIABD5AR5oLGF3wEaTNLyQAgty/A/3/M20/1f9+BYClguTU29Br/DyHIYKoe9mDgTwB/755gBB9d3f/eweGpa0+4/h8Rmbtpf9XfQYSMXiMRDf71goCIb/GrR8fv0+x/0ubaL7RjeFyAml6AAwNNqEv7944zIxLHgyst3Lvt8q4D8D1+D71n8L7U3o11KFgtHmu4dqgEg6sD3Bn+/5r6f7H+t37tA1g46MTdkcWkSrw5YAAAACWYeACQAS+QEeaCqCB4AJO9XvT/9zM0QAPjE90ktVH/7I4SAYtRwFXV41VU9gw7vw3F9Aj5Z5pSXwVYMdnBh7AC9tOo39gAO69ViR9V3g43Cq3EKvd6/PCei1tl9lVyQYEjqwDFjmLWb0AKAD3/vaNn/XxE3IO3r86i3BQQF8OBpV1Mc+q+VWfbWcggCG1cz8S+/6Yln80AAAAnWHgAoAFPkBHmgqh18JWBCvDLLAAs/NrL7UP/vAzESUJo+9MvJNAwB7t89r8FDD/E7cZ1vmJu6u7GZTIjMcS3m4ABgMssV58Ac+FnPWI7nz/wDFcS7jZfZdJIPkKy8Jg94XUuKg3dP8MQBL4cZbpA8FdJ7XALL80HgsmFsCgABASUtSwAkebQf/yf7/j4J95FPnPfD+vmgod2NAnJzQAAADCYeACwAW+QE+WCyF3wBCu6zUwADk7pr5L5N+fa95PVQcMPtJin2eGOz/BN85cYLIe9DvaKeAQuvIM26mwMF+AeAbPPqQP/6yKoZPhWR8kDzFgRfO8rwhGt3p0NuABGb7ruv/8QI0IdxM9/r7GOKxov5DeFyEoAB0Ghh45V4yDMmRjg8GE+t6f/v19lDQuz9Ikc8vqUnggwzGb5Ziiv9qD//QkZb4CQeyAaDYW+kX9Y792gbg7cVhnPx373/t/Dr99980=';
const PDF = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj',
  'trailer<</Root 1 0 R>>',
  '%%EOF',
].join('\n');

/** Three frames of silence, 20 ms each, as WhatsApp's voice notes are coded. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const VOICE_FRAMES = 150;
const SAMPLES_PER_FRAME = 960;

function checksum(page: Buffer): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1) | 0;
  }
  return crc >>> 0;
}

/** One page of an Ogg stream. @param flags 2 begins the stream, 4 ends it. @param position in samples. */
function oggPage(packets: readonly Buffer[], sequence: number, flags: number, position: number): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8(flags, 5);
  head.writeUInt32LE(position, 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(packets.length, 26);
  const page = Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

/** A voice note: Opus in Ogg. */
function ogg(): Buffer {
  const head = Buffer.from('4f707573486561640101000080bb0000000000', 'hex');
  const tags = Buffer.concat([
    Buffer.from('OpusTags'),
    Buffer.from([8, 0, 0, 0]),
    Buffer.from('emulator'),
    Buffer.alloc(4),
  ]);
  const frames = Array.from({ length: VOICE_FRAMES }, () => SILENCE);
  return Buffer.concat([
    oggPage([head], 0, 2, 0),
    oggPage([tags], 1, 0, 0),
    oggPage(frames, 2, 4, VOICE_FRAMES * SAMPLES_PER_FRAME),
  ]);
}

const made = new Map<string, Sample>();

function once(mime: string, make: () => Buffer): Sample {
  const known = made.get(mime) ?? { mime, bytes: make() };
  made.set(mime, known);
  return known;
}

export function sampleOf(kind: FileKind): Sample {
  switch (kind) {
    case 'image':
      return once('image/jpeg', () => Buffer.from(JPEG, 'base64'));
    case 'sticker':
      return once('image/webp', () => Buffer.from(WEBP, 'base64'));
    case 'document':
      return once('application/pdf', () => Buffer.from(PDF));
    case 'audio':
    case 'voice':
      return once('audio/ogg; codecs=opus', ogg);
    case 'video':
    case 'gif':
    case 'video-note':
      return once('video/mp4', () => Buffer.from(MP4, 'base64'));
  }
}
