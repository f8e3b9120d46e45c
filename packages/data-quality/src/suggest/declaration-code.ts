const identifierPattern = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const longestLine = 96;

/** A declaration as TypeScript that means the same, with a comma at its end, as a suite has it. */
export function declarationCode(declaration: object): string {
  return `${code(declaration, '')},`;
}

function code(value: unknown, indent: string): string {
  const line = onOneLine(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= longestLine) {
    return line;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.every((item) => typeof item !== 'object')
      ? `[\n${wrapped(value.map(onOneLine), inner)}\n${indent}]`
      : `[\n${value.map((item) => `${inner}${code(item, inner)},\n`).join('')}${indent}]`;
  }
  const members = membersOf(value).map(
    ([name, member]) => `${inner}${nameCode(name)}: ${code(member, inner)},\n`,
  );
  return `{\n${members.join('')}${indent}}`;
}

function wrapped(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + item.length + 2 > longestLine) {
      lines.push(`${indent}${item},`);
    } else {
      lines[lines.length - 1] = `${last} ${item},`;
    }
  }
  return lines.join('\n');
}

function onOneLine(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'string':
      return stringCode(value);
    case 'object': {
      if (value === null) {
        return 'null';
      }
      if (Array.isArray(value)) {
        return `[${value.map(onOneLine).join(', ')}]`;
      }
      const members = membersOf(value).map(
        ([name, member]) => `${nameCode(name)}: ${onOneLine(member)}`,
      );
      return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
    }
    default:
      return String(value);
  }
}

function membersOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function nameCode(name: string): string {
  return identifierPattern.test(name) ? name : stringCode(name);
}

/** As JSON escapes it, but in single quotes. */
function stringCode(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `'${inner}'`;
}
