package explain

import "fmt"

type curvesData struct {
	Calm   []pointData `json:"calm"`
	Stormy []pointData `json:"stormy"`
}

type pointData struct {
	At    float64 `json:"at"`
	Step  uint64  `json:"step"`
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	What  string  `json:"what"`
}

type jumpData struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

func pagePoints(c *Curve) []pointData {
	data := []pointData{}
	for i := range c.Points {
		q := &c.Points[i]
		data = append(data, pointData{milliseconds(q.At), q.Step, c.Share(q), q.Low, q.High, q.describe()})
	}
	return data
}

// A curveTable is the table of both curves.
type curveTable struct {
	Branches int
	Points   []curveRow
}

type curveRow struct {
	Point
	Described                                  string
	Calm, CalmInterval, Stormy, StormyInterval string
	Jump                                       bool
}

// curveTable returns both curves by step; nil when there are none.
func (f *Failure) curveTable() *curveTable {
	if f.PointOfNoReturn == nil || len(f.PointOfNoReturn.Calm.Points) == 0 {
		return nil
	}
	calm, stormy := &f.PointOfNoReturn.Calm, &f.PointOfNoReturn.Stormy
	table := &curveTable{Branches: calm.Branches}
	jump := f.jump()
	for i, j := 0, 0; i < len(calm.Points) || j < len(stormy.Points); {
		var row curveRow
		atCalm := i < len(calm.Points) && (j == len(stormy.Points) || calm.Points[i].Step <= stormy.Points[j].Step)
		atStormy := j < len(stormy.Points) && (i == len(calm.Points) || stormy.Points[j].Step <= calm.Points[i].Step)
		if atCalm {
			row.Point = calm.Points[i]
			row.Calm, row.CalmInterval = cells(calm, &calm.Points[i])
			i++
		}
		if atStormy {
			row.Point = stormy.Points[j]
			row.Stormy, row.StormyInterval = cells(stormy, &stormy.Points[j])
			j++
		}
		row.Described = row.Point.describe()
		row.Jump = jump != nil && row.Step == jump.Step
		table.Points = append(table.Points, row)
	}
	return table
}

func cells(c *Curve, p *Point) (share, interval string) {
	return fmt.Sprintf("%.0f %%", 100*c.Share(p)), fmt.Sprintf("%.0f–%.0f %%", 100*p.Low, 100*p.High)
}
