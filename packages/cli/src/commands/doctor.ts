import { Command } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { DoctorFlags } from '../doctor/doctorCommand.js';
import { examples } from './definition.js';

export function doctorCommand(): Command {
  return addClientOptions(new Command('doctor'), '"doctor-" and digits', { hasCover: false })
    .summary('find out why a server cannot be reached or used')
    .description(
      'Check each step from the host name to long messages, and print causes and remedies. Other users see only that a user joined and left.',
    )
    .option('--full', 'include host, addresses, username, file and fingerprints')
    .option('--json', 'print JSON on one line')
    .addHelpText(
      'after',
      examples([
        ['quietroom doctor --host chat.example', 'a report that is safe to publish'],
        ['quietroom doctor --full --username alice', 'with names, logged in as alice'],
      ]),
    )
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../doctor/doctorCommand.js');
      await doctor(flags);
    });
}
