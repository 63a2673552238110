import { Command } from 'commander';
import type { IrcFlags } from '../bot/irc/ircCommand.js';
import type { LlmFlags } from '../bot/llm/llmCommand.js';
import type { RelayFlags } from '../bot/relay/relayCommand.js';
import { addClientOptions } from '../settings/clientOptions.js';
import { examples, textOption } from './definition.js';

export function botCommand(): Command {
  return new Command('bot')
    .summary('run a bot that is ready to use, or begin your own')
    .description('Run a bot that is ready to use, or begin one of your own. docs/bots.md describes both.')
    .helpCommand(false)
    .addCommand(llmCommand())
    .addCommand(relayCommand())
    .addCommand(ircCommand())
    .addCommand(newCommand())
    .addHelpText(
      'after',
      examples([
        ['quietroom bot llm --init', 'write settings for a language-model bot'],
        ['quietroom bot relay --init', 'write settings for a relay of alerts and webhooks'],
        ['quietroom bot irc --init', 'write settings for a bridge to IRC'],
        ['quietroom bot new my-bot', 'begin a bot of your own'],
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

function ircCommand(): Command {
  return addClientOptions(new Command('irc'), '"Bridge"')
    .summary('connect rooms with channels of IRC')
    .description(
      'Connect rooms with channels of an IRC server. Messages wait on disk while the other side is away. The settings are in a file.',
    )
    .addOption(textOption('--settings <file>', 'settings of the bridge').default('irc.toml'))
    .option('--init', 'write the settings file, with comments, and exit')
    .addHelpText(
      'after',
      examples([
        ['quietroom bot irc --init', 'write irc.toml'],
        ['quietroom bot irc --host chat.example', 'run the bridge with it'],
      ]),
    )
    .action(async (flags: IrcFlags) => {
      const { ircBridge } = await import('../bot/irc/ircCommand.js');
      await ircBridge(flags);
    });
}

function newCommand(): Command {
  return new Command('new')
    .summary('begin a bot of your own')
    .description(
      'Write a project in TypeScript that works at once: a bot, its test on a server of its own, a systemd unit and a Dockerfile.',
    )
    .argument('<folder>', 'folder to make; its name is the name of the project')
    .addHelpText('after', examples([['quietroom bot new my-bot', 'then: cd my-bot, npm install, npm test']]))
    .action(async (folder: string) => {
      const { newBot } = await import('../bot/new/newCommand.js');
      await newBot(folder);
    });
}
