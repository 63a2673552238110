// The time from when a model has given its first complete sentence until the person has it, as wall time of 50 answers by
// the language-model bot; stub, bot, server and person are in one process. It fails when the median is over 50 ms.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { TestChat } from '@quietroom/bot/testing';
import { firstIdentity } from '@quietroom/testing';
import { makeLlmBot } from '#src/bot/llm/llmBot.js';
import { LLM_CONFIG } from '#src/bot/llm/llmConfig.js';
import { ModelClient } from '#src/bot/llm/modelClient.js';

const LIMIT_MS = 50;
const ANSWERS = 50;

const piece = (content, finish = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

let finish = () => {};
let givenAt = 0;
const model = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(piece('This is the first'));
  // In pieces, as models give them.
  setTimeout(() => {
    givenAt = performance.now();
    response.write(piece(' sentence. And'));
  }, 20);
  finish = () => response.end(`${piece(' this is the last one.', 'stop')}data: [DONE]\n\n`);
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const chat = await TestChat.start({ identity: firstIdentity });
const base_url = `http://127.0.0.1:${model.address().port}/v1`;
const config = LLM_CONFIG.parse({ backend: 'ollama', base_url, model: 'stub', quota_messages: 1000 });
await chat.add(makeLlmBot(chat.config('Assistant'), config, new ModelClient(config), () => {}));
const alice = await chat.join('alice');

const times = [];
for (let answer = 0; answer < ANSWERS; answer++) {
  await alice.ask('Assistant', `question ${answer}`);
  times.push(performance.now() - givenAt);
  finish();
  await alice.hears(/last one/);
}
await chat.close();
model.closeAllConnections();
model.close();

const sorted = times.toSorted((a, b) => a - b);
const [median, slowest] = [sorted[Math.floor(ANSWERS / 2)], sorted.at(-1)];
console.log(
  `First sentence, from the model to the person, ${ANSWERS} answers, Node ${process.versions.node}`,
);
console.log(`  median ${median.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms; limit ${LIMIT_MS} ms`);
if (median > LIMIT_MS) process.exitCode = 1;
