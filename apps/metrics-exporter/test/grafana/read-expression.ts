import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression selects. */
export interface Selection {
  readonly metric: string;
  /** The labels that it is selected by. */
  readonly matched: readonly string[];
  /** The function of what it was over a range, `increase` for instance. */
  readonly over: string | undefined;
  readonly range: string | undefined;
  /** The labels that an aggregation around it keeps. */
  readonly kept: readonly string[];
}

/** What an expression of PromQL selects, and how. The expression is valid: promtool finds what is not. */
export function readSelections(expr: string): readonly Selection[] {
  const selections: Selection[] = [];
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }) =>
    expr.slice(from, to);
  parser.parse(expr).iterate({
    enter: ({ name, node }) => {
      if (name !== 'VectorSelector') {
        return;
      }
      const identifier = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      const labelNames = (of: typeof matchers) =>
        of.flatMap((each) => each.getChildren('LabelName').map(textOf));
      const kept: string[] = [];
      for (let around = node.parent; around !== null; around = around.parent) {
        const labels = around.getChild('AggregateModifier')?.getChild('GroupingLabels');
        kept.push(...(labels?.getChildren('LabelName').map(textOf) ?? []));
      }
      const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
      const call = matrix?.parent?.parent?.getChild('FunctionIdentifier');
      const duration = matrix?.getChild('DurationExpr');
      selections.push({
        metric: identifier === null ? '' : textOf(identifier),
        matched: labelNames(matchers),
        over: call == null ? undefined : textOf(call),
        range: duration == null ? undefined : textOf(duration),
        kept,
      });
    },
  });
  return selections;
}
