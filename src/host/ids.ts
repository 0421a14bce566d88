/** Names that package.json and the code share. */
export const VIEW_TYPE = "onnxray.model";
export const TEXT_SCHEME = "onnx-text";
export const TEXT_LANGUAGE = "onnxtxt";
export const CONFIGURATION = "onnxray";
