import type { ClientFlags } from '../../settings/clientOptions.js';
import { clientSettings, connectorConfig } from '../../settings/clientSettings.js';
import { printError, printLine } from '../../output/print.js';
import { readConfigFile, readSecret, writeConfigFile } from '../configFile.js';
import { runBot } from '../runBot.js';
import { makeLlmBot } from './llmBot.js';
import { LLM_CONFIG, LLM_TEMPLATE } from './llmConfig.js';
import { ModelClient } from './modelClient.js';

/** The options of `quietroom bot llm`. */
export interface LlmFlags extends ClientFlags {
  /** The file of the bot's settings. */
  readonly settings: string;
  readonly init?: true;
}

/**
 * Runs the language-model bot until it is stopped, or writes its settings file.
 *
 * @throws Failure for wrong settings, and as `runBot`
 */
export async function llm(flags: LlmFlags): Promise<void> {
  if (flags.init === true) {
    await writeConfigFile(flags.settings, LLM_TEMPLATE);
    printLine(
      `${flags.settings} is written. Set back end and model there, and run the command without --init.`,
    );
    return;
  }
  const config = await readConfigFile(flags.settings, LLM_CONFIG, 'llm');
  const apiKey = await readSecret('api_key', { env: config.api_key_env, file: config.api_key_file });
  const settings = await clientSettings(flags, { username: 'Assistant' });
  const client = new ModelClient(config, apiKey);
  const bot = makeLlmBot(connectorConfig(settings), config, client, printLine);
  bot.catch((error) => printError(error instanceof Error ? error.message : String(error)));
  await runBot(bot, settings, `answers with ${config.model}`);
}
