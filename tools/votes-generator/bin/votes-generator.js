#!/usr/bin/env node
import { launch } from '@sluice/command-line/launcher';

await launch(import.meta.url);
