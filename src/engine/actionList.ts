import { ACTIONS } from "../core/actions/index";

/** The actions that there are, for those who offer them by name before a model is open. */
export const ACTION_LIST: readonly {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}[] = ACTIONS;
