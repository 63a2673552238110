import type { PinFileError } from './pinFile.js';

/** The problem with a file, its cause and its remedy, for people. */
export interface PinFileAdvice {
  /** About the file named in the previous sentence: "It …". */
  readonly cause: string;
  readonly nextStep: string;
}

const COPY_AGAIN = "Copy chat_public.pem from the server's folder, by a way that you trust";

/** @param file the file as it appears in a suggested command */
export function pinFileAdvice({ problem, detail }: PinFileError, file: string): PinFileAdvice {
  const nextStep = `${COPY_AGAIN}.`;
  switch (problem) {
    case 'missing':
      return {
        cause: 'There is no such file.',
        nextStep: `${COPY_AGAIN}, and say where it is by --cert; or run "quietroom pin add".`,
      };
    case 'unreadable':
      return { cause: `It cannot be read (${detail}).`, nextStep: 'Check its path and its permissions.' };
    case 'tooLarge':
      return { cause: 'It is far too large for a file of certificates.', nextStep: 'Check its path.' };
    case 'empty':
      return { cause: 'It is empty.', nextStep };
    case 'der':
      return {
        cause: 'Its certificate is in binary form (DER); PEM, a form of text, is expected.',
        nextStep: `Run "openssl x509 -inform der -in ${file} -out chat_public.pem".`,
      };
    case 'privateKey':
      return {
        cause: "It holds a private key, which is the server's secret, and no certificate.",
        nextStep: `${COPY_AGAIN}, delete this copy of the key, and think of it as known if others could read it.`,
      };
    case 'noCertificate':
      return {
        cause: 'It holds no certificate: a block that begins with -----BEGIN CERTIFICATE----- is expected.',
        nextStep,
      };
    case 'damaged':
      return { cause: `It is damaged (${detail}).`, nextStep };
  }
}
