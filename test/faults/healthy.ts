// Healthy configurations, each unusual in its own way: none of them may raise an alarm. A QR code that waits, or a logout by the user, is information and no fault.
import type { Healthy } from './fault.ts';

export const healthyConfigurations: readonly Healthy[] = [];
