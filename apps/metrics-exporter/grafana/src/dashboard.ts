import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboardTag, linkToAll } from './links.ts';

/** The width of Grafana's grid. */
const gridWidth = 24;
/** Of Grafana's format; a newer Grafana reads an older one. */
const schemaVersion = 42;

/** Panels that are read together, under a title. */
export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A dashboard, before it has Grafana's format. */
export interface DashboardOptions {
  /** Part of the address, and of links: it stays when the title changes. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly rows: readonly PanelRow[];
}

/** The dashboard as Grafana loads it from a file. */
export function layOut({ uid, title, description, variables, rows }: DashboardOptions) {
  return {
    uid,
    title,
    description,
    tags: [dashboardTag],
    schemaVersion,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'utc',
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    links: [linkToAll()],
    templating: { list: variables },
    annotations: { list: [] },
    panels: placePanels(rows),
  };
}

/** Panels go from left to right, and a line ends where it is full. */
function placePanels(rows: readonly PanelRow[]) {
  let y = 0;
  return rows
    .flatMap((row) => {
      const heading = new RowBuilder(row.title).gridPos({ x: 0, y, w: gridWidth, h: 1 }).build();
      y += 1;
      let x = 0;
      let lineHeight = 0;
      const placed = row.panels.map((panel) => {
        const { w, h } = sizeOf(panel);
        if (x + w > gridWidth) {
          y += lineHeight;
          [x, lineHeight] = [0, 0];
        }
        const gridPos = { x, y, w, h };
        x += w;
        lineHeight = Math.max(lineHeight, h);
        return { ...panel, gridPos };
      });
      y += lineHeight;
      return [heading, ...placed];
    })
    .map((panel, index) => ({ ...panel, id: index + 1 }));
}

function sizeOf({ gridPos, title = '' }: Panel): { readonly w: number; readonly h: number } {
  if (gridPos === undefined) {
    throw new RangeError(`panel ${title}: expected a size`);
  }
  return gridPos;
}
