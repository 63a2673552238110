/**
 * How often a property is run: a tenth of `all` in the fast tier (`npm test`), all of them otherwise. It is for files
 * named `x.properties.test.ts`, which run in the fast tier and in the slow one.
 */
export function propertyRuns(all: number): number {
  return process.env['QUIETROOM_TEST_TIER'] === 'fast' ? Math.ceil(all / 10) : all;
}
