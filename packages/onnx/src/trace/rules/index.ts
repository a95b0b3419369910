import { ELEMENTWISE } from './elementwise.ts';
import { LOOKUP } from './lookup.ts';
import { MOVEMENT } from './movement.ts';
import { PRODUCTS } from './products.ts';
import { REDUCTIONS } from './reductions.ts';
import type { RuleTable } from './rule.ts';
import { TRAINING } from './training.ts';

/** Every kernel that can be recorded, with the shapes and types of what it gives. */
export const RULES: RuleTable = { ...ELEMENTWISE, ...REDUCTIONS, ...MOVEMENT, ...LOOKUP, ...PRODUCTS, ...TRAINING };
