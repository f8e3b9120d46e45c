import type { Rule } from './rules.ts';

/** A rule that is wrong in one way. */
export interface RuleMutation {
  /** What was done to it. */
  readonly what: string;
  /** Nothing, where it was removed. */
  readonly rule: Rule | undefined;
}

const inverted: Readonly<Record<string, string>> = {
  '>': '<=',
  '<': '>=',
  '>=': '<',
  '<=': '>',
  '==': '!=',
  '!=': '==',
  and: 'unless',
  unless: 'and',
  or: 'and',
};

/** Selectors and texts, in which the same signs mean something else; comparisons; operators on sets. */
const tokens = /\{[^}]*\}|"[^"]*"|>=|<=|==|!=|>|<|\b(?:and|unless|or)\b/g;

/**
 * The rule removed; each of its comparisons, and each of its operators on sets, inverted; where it has no
 * comparison, nothing where it has something; and without the time that it waits.
 */
export function mutationsOf(rule: Rule): readonly RuleMutation[] {
  const operators = [...rule.expr.matchAll(tokens)].filter(([token]) => token in inverted);
  const mutations = operators.map(({ 0: token, index }) => {
    const other = inverted[token] ?? '';
    const expr = rule.expr.slice(0, index) + other + rule.expr.slice(index + token.length);
    return { what: `${token} at ${String(index)} is ${other}`, rule: { ...rule, expr } };
  });
  return [
    { what: 'it is removed', rule: undefined },
    ...mutations,
    ...(operators.length === 0
      ? [{ what: 'it is inverted', rule: { ...rule, expr: `${rule.expr} unless ${rule.expr}` } }]
      : []),
    ...('for' in rule ? [{ what: 'it does not wait', rule: { ...rule, for: '0s' } }] : []),
  ];
}
