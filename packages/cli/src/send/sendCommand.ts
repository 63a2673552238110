import type { SentFile } from 'quietroom-connector';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { readPasswordFile } from '../settings/passwordFile.js';
import { temporaryName } from '../client/withConnection.js';
import { withClient } from '../daemon/client/withClient.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reportedAsJson } from '../failures/failureJson.js';
import { printError } from '../output/print.js';
import { requestFailure } from '../client/requestFailure.js';
import { listenForStop } from '../signals/stop.js';
import {
  deliver,
  destinationOf,
  usage,
  type Delivery,
  type Destination,
  type DestinationFlags,
} from './destination.js';
import { inputText } from './inputText.js';
import { fileFailure, sendFile } from './sendFile.js';
import { fileJson, notAccepted, sendJson, type Sender } from './sendResult.js';

/** The options of the command line. */
export interface SendFlags extends ClientFlags, DestinationFlags {
  /** Join the lines of a direct message. */
  readonly joinLines?: boolean;
  readonly maxMessages: number;
  readonly json?: boolean;
}

/**
 * Sends a text and waits for the server's acceptance, or sends a file and waits until the recipient has it.
 *
 * @param text standard input when absent, unless a file is sent
 * @throws Failure with the reason when it was not accepted
 */
export async function send(text: string | undefined, flags: SendFlags): Promise<void> {
  const settings = await clientSettings(flags, { username: temporaryName() });
  if (flags.file !== undefined) return sendOneFile(text, flags, settings);
  const sender: Sender = { username: undefined, usesDaemon: false };
  let destination: Destination | undefined;
  let delivery: Delivery | undefined;
  let failure: Failure | undefined;
  try {
    destination = destinationOf(flags);
    delivery = await sendText(text, flags, settings, destination, sender);
    failure = notAccepted(destination, delivery.receipt);
  } catch (error) {
    failure = requestFailure(error, settings);
  }
  if (flags.json === true) process.stdout.write(`${sendJson(destination, sender, delivery, failure)}\n`);
  if (delivery?.createdRoom === true) {
    printError(`There was no room ${destination?.to}: it was made, and nobody else is in it.`);
  }
  if (failure) throw reportedAsJson(failure);
}

async function sendOneFile(
  text: string | undefined,
  flags: SendFlags,
  settings: ClientSettings,
): Promise<void> {
  const sender: Sender = { username: undefined, usesDaemon: false };
  const stop = listenForStop();
  let sent: SentFile | undefined;
  let failure: Failure | undefined;
  try {
    const { to } = destinationOf(flags);
    if (text !== undefined) throw usage('Send either a text or a file.');
    const file = { path: flags.file ?? '', name: flags.name };
    sent = await withClient(settings, flags, stop.signal, (connector, usesDaemon) => {
      sender.username = connector.username;
      sender.usesDaemon = usesDaemon;
      return sendFile(connector, to, file, stop.signal);
    });
  } catch (error) {
    failure = stop.signal.aborted
      ? new Failure(EXIT_CODES.failure, 'It was interrupted: the recipient may not have all of it.')
      : (fileFailure(error) ?? requestFailure(error, settings));
  }
  if (flags.json === true) process.stdout.write(`${fileJson(flags.to, sender, sent, failure)}\n`);
  if (failure) throw reportedAsJson(failure);
}

async function sendText(
  given: string | undefined,
  flags: SendFlags,
  settings: ClientSettings,
  destination: Destination,
  sender: Sender,
): Promise<Delivery> {
  const stop = listenForStop();
  let hasBegun = false;
  const password =
    destination.type === 'room' && destination.passwordFile !== undefined
      ? readPasswordFile(destination.passwordFile)
      : undefined;
  try {
    const text = given ?? (await inputText(process.stdin, flags.maxMessages, stop.signal));
    return await withClient(settings, flags, stop.signal, (connector, usesDaemon) => {
      sender.username = connector.username;
      sender.usesDaemon = usesDaemon;
      hasBegun = true;
      return deliver(connector, destination, password, text, {
        signal: stop.signal,
        maxParts: flags.maxMessages,
        newlines: flags.joinLines === true ? 'collapse' : 'split',
      });
    });
  } catch (error) {
    throw stop.signal.aborted ? interrupted(hasBegun) : error;
  }
}

function interrupted(hasBegun: boolean): Failure {
  return hasBegun
    ? new Failure(EXIT_CODES.unconfirmed, 'It was interrupted while it was sent: it may have arrived.')
    : new Failure(EXIT_CODES.failure, 'It was interrupted before anything was sent.');
}
