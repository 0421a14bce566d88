/** A function that runs `work` with its newest argument once it was not called for `milliseconds`. */
export function debounced<T>(work: (argument: T) => void, milliseconds: number): (argument: T) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (argument) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(argument), milliseconds);
  };
}
