// Holds that the parts of the error table do not overlap: a code that stands in two would silently have the words of the later one.
import { expect, it } from 'vitest';
import { errorCodes } from './errors.ts';
import { accounts } from './errors-of-accounts.ts';
import { archive } from './errors-of-archive.ts';
import { diagnosis } from './errors-of-diagnosis.ts';
import { doctor } from './errors-of-doctor.ts';
import { doors } from './errors-of-doors.ts';
import { groups } from './errors-of-groups.ts';
import { files } from './errors-of-media.ts';
import { starting } from './errors-of-starting.ts';
import { team } from './errors-of-team.ts';

it('each code stands in one part of the table', () => {
  const all = [doors, accounts, starting, archive, team, doctor, files, groups, diagnosis].flatMap((part) =>
    Object.keys(part),
  );
  expect(all).toHaveLength(errorCodes.length);
});
