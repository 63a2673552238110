export function section(level, title, text) {
  return `${'#'.repeat(level)} ${title}\n\n${text}`;
}

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map(tableLine).join('\n');
}

function tableLine(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

export function code(text) {
  return `\`${text}\``;
}

/** The page with the first table below the heading replaced. */
export function withTable(page, heading, newTable) {
  const start = page.indexOf('\n|', page.indexOf(`\n${heading}\n`)) + 1;
  return page.slice(0, start) + newTable + page.slice(page.indexOf('\n\n', start));
}
