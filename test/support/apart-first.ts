/** The order of test files. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that have a process of their own come first, those that share one after them: vitest ends a shared process when the
 * next file in line does not share.
 */
export class ApartFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const shares = ({ project }: TestSpecification) => Number(!project.config.isolate);
    return sorted.toSorted((one, other) => shares(one) - shares(other));
  }
}
