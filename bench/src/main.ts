import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connecting } from './connecting/connecting.js';
import { files } from './files/files.js';
import { comparable, median } from './measure/figure.js';
import { isBusy, measureNoise, noiseText, type Noise } from './measure/noise.js';
import { compareReports, FIGURE_HEADING, figureLine, readReport, type Report } from './measure/report.js';
import { messages } from './messages/messages.js';
import type { BenchOptions, Section } from './section.js';
import { relay } from './relay/relay.js';
import { deliveries } from './server/deliveries.js';
import { hostile } from './server/hostile.js';
import { idle } from './server/idle.js';
import { latency } from './server/latency.js';
import { cover } from './cover/cover.js';
import { logins } from './server/logins.js';
import { steady } from './server/steady.js';
import { startUp } from './startUp/startUp.js';

const SECTIONS: readonly Section[] = [
  messages,
  connecting,
  deliveries,
  logins,
  idle,
  latency,
  files,
  startUp,
  hostile,
  relay,
  steady,
  cover,
];

const HELP = `Measures QuietRoom beside what the same work costs without it, in the same run.

  npm run bench                                        the sections below
  npm run bench -- messages                            one section, or several
  npm run bench -- --host HOST --port PORT --cert PEM  messages through this server
  npm run bench -- --json FILE                         write the figures as JSON
  npm run bench -- --compare FILE                      tell what is slower or faster than in such a file

Sections:
${SECTIONS.map(({ name, title, isOnRequest }) => `  ${name.padEnd(14)} ${title}${isOnRequest ? ' (only when named)' : ''}`).join('\n')}

Options:
  --runs N        runs of each measurement; default 3
  --messages N    messages in each run; default 30000
  --mebibytes N   size of the file; default 50

Exit codes: 0, 1 when something is over its limit or slower than in the file of --compare, 2 when this machine is too busy to tell.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: 'localhost' },
    port: { type: 'string', default: '37842' },
    cert: { type: 'string' },
    messages: { type: 'string', default: '30000' },
    mebibytes: { type: 'string', default: '50' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
    compare: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function count(name: 'runs' | 'messages' | 'mebibytes' | 'port'): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} must be a whole number of at least 1.`);
  return number;
}

function chosenSections(): readonly Section[] {
  if (positionals.length === 0) return SECTIONS.filter(({ isOnRequest }) => isOnRequest !== true);
  return positionals.map((name) => {
    const section = SECTIONS.find((one) => one.name === name);
    if (section) return section;
    const names = SECTIONS.map((one) => one.name).join(', ');
    throw new Error(`There is no section ${JSON.stringify(name)}. The sections are ${names}.`);
  });
}

function benchOptions(): BenchOptions {
  return {
    runs: count('runs'),
    messages: count('messages'),
    mebibytes: count('mebibytes'),
    server:
      values.cert === undefined
        ? undefined
        : { host: values.host, port: count('port'), certPem: readFileSync(values.cert, 'utf8') },
  };
}

/** Shows on a terminal what is being measured; a pipe gets the figures only. */
function showStep(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what} …`);
}

function clearStep(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

async function measure(): Promise<Report> {
  const sections = chosenSections();
  const options = benchOptions();
  const noise: Noise[] = [measureNoise()];
  const figures: Report['figures'][number][] = [];
  for (const section of sections) {
    console.log(`\n${section.name}: medians of ${options.runs} runs\n${FIGURE_HEADING}`);
    const measured = await section.run(options, (what) => showStep(`${section.name}: ${what}`));
    clearStep();
    for (const figure of measured) console.log(figureLine(figure));
    figures.push(...measured);
  }
  noise.push(measureNoise());
  return { version: 1, node: process.versions.node, noise, figures };
}

/** Prints what changed since an earlier report. Returns the exit code. */
function compare(before: Report, after: Report): number {
  if ([...before.noise, ...after.noise].some(isBusy)) {
    console.log('\nNo verdict: the machine was busy in this run or in the earlier one.');
    return 2;
  }
  const changes = compareReports(before, after);
  const changed = changes.filter(({ verdict }) => verdict !== 'same');
  console.log(`\n${changed.length} of ${changes.length} figures differ by more than their runs do:`);
  for (const { figure, factor, verdict } of changed) {
    console.log(`  ${verdict}: ${figure.section}, ${figure.name}: ${factor.toFixed(2)} times the cost`);
  }
  return changed.some(({ verdict }) => verdict === 'slower') ? 1 : 0;
}

if (values.help) {
  console.log(HELP);
} else {
  const before = values.compare === undefined ? undefined : readReport(values.compare);
  const report = await measure();
  console.log(`\nThis machine: ${report.noise.map(noiseText).join('; at the end ')}.`);
  if (report.noise.some(isBusy))
    console.log('It is busy: read the ratios, and draw no conclusions from small ones.');
  for (const figure of report.figures) {
    if (figure.maxRatio === undefined || median(comparable(figure)) <= figure.maxRatio) continue;
    console.log(`Over its limit of ${figure.maxRatio} times the floor: ${figure.section}, ${figure.name}.`);
    process.exitCode = 1;
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (before) process.exitCode = compare(before, report) || (process.exitCode ?? 0);
}
