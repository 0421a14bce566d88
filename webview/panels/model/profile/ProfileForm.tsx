import type { VNode } from "preact";
import type { ProfileOptions } from "../../../../src/protocol/profiler";
import { Button, Checkbox, Radio, TextField } from "../../../shared/ui/elements";
import { IconButton } from "../../../shared/ui/Icon";
import { usePage } from "../context";

type Count = "runs" | "warmup" | "maxSeconds" | "threads";

const FIELDS: readonly {
  readonly id: Count;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
  readonly hover: string;
}[] = [
  {
    id: "runs",
    label: "Runs",
    min: 1,
    max: 10_000,
    fallback: 50,
    hover: "Counted runs, fewer when the times agree sooner",
  },
  {
    id: "warmup",
    label: "Warm-up",
    min: 0,
    max: 1_000,
    fallback: 3,
    hover: "Runs before those, which are not counted",
  },
  {
    id: "maxSeconds",
    label: "Seconds",
    min: 1,
    max: 3_600,
    fallback: 20,
    hover: "No run is started after this time",
  },
  { id: "threads", label: "Threads", min: 0, max: 1_024, fallback: 0, hover: "0 lets onnxruntime choose" },
];

export function ProfileForm(): VNode {
  const { store, profile } = usePage();
  const { options } = profile;
  const running = profile.run.value !== null;
  const hasResult = (store.summary.value?.profile ?? null) !== null;
  return (
    <form class="profile-form" onSubmit={(event) => event.preventDefault()}>
      <Providers chosen={options.provider} />
      <div class="profile-fields">
        {FIELDS.map((field) => (
          <div key={field.id} class="profile-field" title={field.hover}>
            <span aria-hidden="true">{field.label}</span>
            <TextField
              type="number"
              label={field.label}
              min={field.min}
              max={field.max}
              value={String(options[field.id] ?? field.fallback)}
              onInput={(text) => set(profile.set.bind(profile), field, text)}
            />
          </div>
        ))}
      </div>
      <Checkbox
        label="Run layers one by one"
        title="Turns graph optimisation off, so that every layer has a time of its own; the whole is slower than in use"
        checked={options.unfused ?? false}
        onChange={(unfused) => profile.set({ unfused })}
      />
      <div class="profile-buttons">
        <Button icon="play" disabled={running} onClick={() => void profile.start()}>
          {hasResult ? "Run Again" : "Run"}
        </Button>
        {hasResult && (
          <Button secondary disabled={running} onClick={() => void profile.clear()}>
            Clear
          </Button>
        )}
      </div>
    </form>
  );
}

/** Takes over what is a number within bounds; anything else waits until it is one. */
function set(
  change: (options: Partial<ProfileOptions>) => void,
  { id, min, max }: { readonly id: Count; readonly min: number; readonly max: number },
  text: string,
): void {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min && value <= max) {
    change({ [id]: value });
  }
}

function Providers({ chosen }: { readonly chosen: ProfileOptions["provider"] }): VNode {
  const { profile } = usePage();
  const providers = profile.providers.value.value;
  const error = profile.providers.error.value;
  return (
    <fieldset class="providers">
      <legend>
        <h2>Run on</h2>
        <IconButton icon="refresh" label="Look for devices again" onClick={() => profile.retryProviders()} />
      </legend>
      {error !== null && (
        <p class="muted">
          {error.message} {error.hint}
        </p>
      )}
      {providers === null && error === null && <p class="muted">Looking for devices…</p>}
      {providers?.map(({ id, title, available, detail }) => (
        <div key={id} class="provider">
          <Radio
            name="provider"
            label={title}
            value={id}
            checked={id === chosen}
            disabled={!available}
            onSelect={() => profile.set({ provider: id })}
          />
          <p class="muted" title={detail}>
            {detail}
          </p>
        </div>
      ))}
    </fieldset>
  );
}
