import type { WriteStream } from 'node:tty';

/** Colour depth of the terminal in bits; 1 without colours or with `NO_COLOR`. */
export function colourDepth(
  output: Pick<WriteStream, 'getColorDepth'>,
  environment: NodeJS.ProcessEnv,
): number {
  const depth = output.getColorDepth(environment);
  // Node recognises only some of the terminal names that end in 256color.
  return depth === 4 && /256color/.test(environment.TERM ?? '') ? 8 : depth;
}
