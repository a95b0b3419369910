import { describeConvolutions } from './testing/convolutions.ts';
import { hideMemory } from './testing/hide-memory.ts';

describeConvolutions('convolutions and pools by our kernels');
describeConvolutions('convolutions and pools where our kernels do not run', hideMemory);
