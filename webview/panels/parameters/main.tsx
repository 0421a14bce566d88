import { startViewPage } from "../../shared/view/ViewPage";
import { ParametersView } from "../../views/parameters/ParametersView";

startViewPage(ParametersView);
