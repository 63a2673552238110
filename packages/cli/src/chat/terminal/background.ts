import { BLACK, WHITE, type Rgb } from '../view/contrast.js';

/** Asks the terminal for its background (OSC 11). */
export const ASK_BACKGROUND = '\x1b]11;?\x1b\\';

/** The background in an answer to `ASK_BACKGROUND`, as `]11;rgb:ffff/ffff/ffff`; undefined for other answers. */
export function backgroundIn(answer: string): Rgb | undefined {
  const parts = /^\]11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(answer)?.slice(1);
  // A part has one to four digits, the highest of which stand for full intensity.
  const values = parts?.map((part) =>
    Math.round((Number.parseInt(part, 16) / (16 ** part.length - 1)) * 255),
  );
  const [red, green, blue] = values ?? [];
  return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
}

/** The background that `COLORFGBG` tells, as `15;0`: a colour of the first 16; undefined without one. */
export function backgroundOf({ COLORFGBG: colours = '' }: NodeJS.ProcessEnv): Rgb | undefined {
  const [background] = /\d+$/.exec(colours) ?? [];
  if (background === undefined) return undefined;
  return background === '7' || background === '15' ? WHITE : BLACK;
}
