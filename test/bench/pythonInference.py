"""Shape inference of onnx and of onnxruntime's script over one file, for comparing: python pythonInference.py FILE."""

import json
import sys
import time

import onnx
from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference

model = onnx.load(sys.argv[1])
values = {output for node in model.graph.node for output in node.output if output}


def is_known(dim):
    """onnx makes up names where it does not know."""
    return dim.HasField("dim_value") or (dim.dim_param != "" and not dim.dim_param.startswith("unk__"))


def resolved(inferred):
    """Values whose every size is a number or comes from the model's own names."""
    sizes = {
        info.name: info.type.tensor_type.shape.dim
        for info in [*inferred.graph.value_info, *inferred.graph.output]
        if info.type.tensor_type.HasField("shape")
    }
    return sum(name in sizes and all(map(is_known, sizes[name])) for name in values)


def timed(runs, infer):
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        inferred = infer()
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[runs // 2], resolved(inferred)


onnx_ms, onnx_values = timed(5, lambda: onnx.shape_inference.infer_shapes(model))
propagated_ms, propagated_values = timed(3, lambda: onnx.shape_inference.infer_shapes(model, data_prop=True))
symbolic_ms, symbolic_values = timed(1, lambda: SymbolicShapeInference.infer_shapes(model, auto_merge=True))
print(
    json.dumps(
        {
            "values": len(values),
            "onnxMs": onnx_ms,
            "onnxResolved": onnx_values,
            "onnxDataPropagationMs": propagated_ms,
            "onnxDataPropagationResolved": propagated_values,
            "symbolicMs": symbolic_ms,
            "symbolicResolved": symbolic_values,
        }
    )
)
