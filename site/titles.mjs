// A plugin of typedoc: names each guide page by its first heading instead of its path.

import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const text = page.content.map((part) => part.text).join('');
    const [, title] = /^# (.+)$/m.exec(text) ?? [];
    if (title !== undefined) page.name = title.replaceAll('`', '');
  });
}
