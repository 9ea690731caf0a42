import { HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useSettings } from "../words";

use([HeatmapChart, LineChart, ScatterChart, AriaComponent, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

/** Return a colour of the page by its name. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** What all charts have in common; tooltips are drawn, not written into the page. */
export function common(): EChartsCoreOption {
  return {
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("soft") },
    tooltip: {
      renderMode: "richText",
      backgroundColor: colour("card"),
      borderColor: colour("hair"),
      textStyle: { color: colour("ink"), fontSize: 12 },
      confine: true,
    },
  };
}

export const axisStyle = () => ({
  axisLine: { lineStyle: { color: colour("hair") } },
  axisTick: { show: false },
  axisLabel: { color: colour("soft"), fontSize: 11 },
  splitLine: { lineStyle: { color: colour("grid") } },
});

interface Props {
  /** Made anew whenever `of` or the appearance changes. */
  option: () => EChartsCoreOption;
  of: unknown[];
  label: string;
  height: number;
  testid?: string;
  onPick?: (place: number) => void;
}

/** A chart that fits its box and the page's colours. */
export function Chart({ option, of, label, height, testid, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const { dark } = useSettings();
  useEffect(() => {
    const made = init(box.current!, undefined, { renderer: "canvas" });
    chart.current = made;
    made.on("click", (event) => pick.current?.(event.dataIndex));
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(box.current!);
    return () => {
      watcher.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption({ ...common(), ...option() }, { notMerge: true });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [dark, ...of]);
  return <div ref={box} className="chart" role="img" aria-label={label} data-testid={testid} style={{ height }} />;
}
