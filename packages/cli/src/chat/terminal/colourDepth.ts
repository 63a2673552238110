import type { WriteStream } from 'node:tty';

/** Bits of colour that the terminal has; 1 where it has none, or none are wanted (`NO_COLOR`). */
export function colourDepth(
  output: Pick<WriteStream, 'getColorDepth'>,
  environment: NodeJS.ProcessEnv,
): number {
  const depth = output.getColorDepth(environment);
  // Node knows only some of the terminals whose names say that they have 256.
  return depth === 4 && /256color/.test(environment.TERM ?? '') ? 8 : depth;
}
