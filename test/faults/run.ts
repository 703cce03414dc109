// Goes through faults, healthy configurations and pairs, one after another: makes each, asks, cures, asks again, takes it away. It keeps no verdict from the one before.
import { type Fault, type Healthy, type Need, needs, type Pair, type Standing } from './fault.ts';
import { broken, type Judged, judge, judgeHealthy, notApplicable } from './judge.ts';
import { type Lab, openLab } from './lab.ts';

export interface Plan {
  readonly faults: readonly Fault[];
  readonly unforeseen: readonly Fault[];
  readonly healthy: readonly (Healthy & { readonly number: string })[];
  readonly pairs: readonly (Pair & { readonly faults: readonly [Fault, Fault] })[];
}

export interface RunOptions {
  readonly has: ReadonlySet<Need>;
  readonly alone: boolean;
  /** Without the cures, which start the product anew. */
  readonly fast: boolean;
  readonly onRow: (row: Judged) => void;
}

export async function run(plan: Plan, { has, alone, fast, onRow }: RunOptions): Promise<void> {
  const lab = await openLab({ alone });
  const lacking = (wanted: readonly Need[] = []): string =>
    wanted
      .filter((need) => !has.has(need))
      .map((need) => needs[need])
      .join(', ');
  try {
    for (const [kind, faults] of [
      ['catalogue', plan.faults],
      ['unforeseen', plan.unforeseen],
    ] as const) {
      for (const fault of faults) {
        const lack = lacking(fault.needs);
        if (lack !== '') onRow(notApplicable(fault.number, fault.title, kind, `needs ${lack}`));
        else onRow(await one(lab, fault, kind, fast));
      }
    }
    for (const { number, name, needs: wanted, make } of plan.healthy) {
      const lack = lacking(wanted);
      if (lack !== '') onRow(notApplicable(number, name, 'healthy', `needs ${lack}`));
      else onRow(await healthy(lab, number, name, make));
    }
    for (const { lower, upper, faults } of plan.pairs) {
      const lack = lacking(faults.flatMap((fault) => fault.needs ?? []));
      const number = `${lower}+${upper}`;
      const title = both(faults[0], faults[1]);
      if (lack !== '') onRow(notApplicable(number, title, 'pair', `needs ${lack}`));
      else onRow(await pair(lab, number, faults));
    }
  } finally {
    await lab.close();
  }
}

async function one(lab: Lab, fault: Fault, kind: Judged['kind'], fast: boolean): Promise<Judged> {
  let standing: Standing | undefined;
  try {
    standing = await fault.make(lab);
    const verdict = await standing.look();
    if (fast || standing.cure === undefined) return judge(fault, verdict, undefined, kind);
    await standing.cure();
    return judge(fault, verdict, await (standing.lookAgain ?? standing.look)(), kind);
  } catch (error) {
    if (standing === undefined) await lab.reset();
    return broken(fault.number, fault.title, kind, fault.ids[0] ?? '', error);
  } finally {
    await standing?.end().catch((error: unknown) => console.error(`${fault.number} could not be taken away: ${error}`));
  }
}

async function healthy(lab: Lab, number: string, name: Healthy['name'], make: Healthy['make']): Promise<Judged> {
  let standing: Awaited<ReturnType<Healthy['make']>> | undefined;
  try {
    standing = await make(lab);
    return judgeHealthy(number, name, await standing.look());
  } catch (error) {
    if (standing === undefined) await lab.reset();
    return broken(number, name, 'healthy', 'healthy', error);
  } finally {
    await standing?.end().catch((error: unknown) => console.error(`${number} could not be taken away: ${error}`));
  }
}

/** The upper fault is made first: the lower one may keep the product from running. */
async function pair(lab: Lab, number: string, [lower, upper]: readonly [Fault, Fault]): Promise<Judged> {
  const standing: Standing[] = [];
  const title = both(lower, upper);
  try {
    standing.unshift(await upper.make(lab));
    const first = await lower.make(lab);
    standing.unshift(first);
    const judged = judge({ ...lower, number, title }, await first.look(), undefined, 'pair');
    return judged;
  } catch (error) {
    return broken(number, title, 'pair', lower.ids[0] ?? '', error);
  } finally {
    for (const each of standing)
      await each.end().catch((error: unknown) => console.error(`${number} could not be taken away: ${error}`));
  }
}

function both(lower: Fault, upper: Fault): { readonly zh: string; readonly en: string } {
  return { zh: `${lower.title.zh}，并且${upper.title.zh}`, en: `${lower.title.en}, and ${upper.title.en}` };
}
