// The public address of the repository, such as 'https://github.com/OWNER/NAME', without a slash at its end. While it is
// undefined, the manifests have no `repository`, `homepage` and `bugs`. After a change: node scripts/manifests.mjs --write

/** @type {string | undefined} */
export const REPOSITORY = undefined;
