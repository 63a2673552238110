import { Command } from 'commander';
import type { LlmFlags } from '../bot/llm/llmCommand.js';
import type { RelayFlags } from '../bot/relay/relayCommand.js';
import { addClientOptions } from '../settings/clientOptions.js';
import { examples, textOption } from './definition.js';

export function botCommand(): Command {
  return new Command('bot')
    .summary('run a bot that is ready to use')
    .description('Run a bot that is ready to use. docs/bots.md describes them, and how to write your own.')
    .helpCommand(false)
    .addCommand(llmCommand())
    .addCommand(relayCommand())
    .addHelpText(
      'after',
      examples([
        ['quietroom bot llm --init', 'write settings for a language-model bot'],
        ['quietroom bot relay --init', 'write settings for a relay of alerts and webhooks'],
      ]),
    );
}

function llmCommand(): Command {
  return addClientOptions(new Command('llm'), '"Assistant"')
    .summary('answer direct messages through a language model')
    .description(
      'Answer direct messages through a language model: Ollama, or any server that speaks the OpenAI API. Its settings are in a file.',
    )
    .addOption(textOption('--settings <file>', 'settings of the bot').default('llm.toml'))
    .option('--init', 'write the settings file, with comments, and exit')
    .addHelpText(
      'after',
      examples([
        ['quietroom bot llm --init', 'write llm.toml'],
        ['quietroom bot llm --host chat.example', 'run the bot with it'],
      ]),
    )
    .action(async (flags: LlmFlags) => {
      const { llm } = await import('../bot/llm/llmCommand.js');
      await llm(flags);
    });
}

function relayCommand(): Command {
  return addClientOptions(new Command('relay'), '"Relay"')
    .summary('relay alerts and webhooks')
    .description(
      'Relay HTTP requests to rooms and users: Alertmanager, Grafana, GitHub, GitLab, Uptime Kuma, any text or JSON. What was answered with 202 is on disk, and is delivered.',
    )
    .addOption(textOption('--settings <file>', 'settings of the relay').default('relay.toml'))
    .option('--init', 'write the settings file, with comments, and exit')
    .addHelpText(
      'after',
      examples([
        ['quietroom bot relay --init', 'write relay.toml'],
        ['RELAY_SECRET=secret quietroom bot relay', 'run the relay with it'],
      ]),
    )
    .action(async (flags: RelayFlags) => {
      const { relay } = await import('../bot/relay/relayCommand.js');
      await relay(flags);
    });
}
