/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [255, 255, 255];

const LEVELS = [0, 95, 135, 175, 215, 255];

/** A colour of the 256-colour palette; undefined for the first 16, which each terminal chooses itself. */
export function paletteColour(index: number): Rgb | undefined {
  if (index < 16) return undefined;
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube)];
}

function level(digit: number): number {
  return LEVELS[digit % 6] ?? 0;
}

/** The contrast ratio of WCAG 2, from 1 to 21. */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** True when white text reads better than black on this background. */
export function isDark(background: Rgb): boolean {
  return contrastRatio(background, WHITE) > contrastRatio(background, BLACK);
}

/** Relative luminance of sRGB, from 0 to 1. */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
