import { startViewPage } from "../../shared/view/ViewPage";
import { AttentionView } from "../../views/attention/AttentionView";

startViewPage(AttentionView);
