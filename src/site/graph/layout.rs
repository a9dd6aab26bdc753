//! Where the nodes and lines of a drawing go: layers from left to right, after Sugiyama.
//!
//! Pure: widths and edges in, positions out, the same for the same input. A node stands
//! one layer right of everything that leads to it; lines that span layers take a slot in
//! each; slots are ordered by sweeps that keep the order with the fewest crossings, and
//! then placed as near to their neighbours as that order allows. Edges of a cycle are
//! drawn, and left out where layers are made.

use super::order::Order;

/// Height of a node.
pub(super) const NODE: i32 = 24;
/// From the middle of a node to that of the next one in its layer.
const ROW: f64 = 32.0;
/// The room of a line that passes a layer.
const LINE: f64 = 12.0;
/// Between two layers.
const GAP: i32 = 52;
/// How often the order of all layers is improved, and how often their positions are.
const SWEEPS: usize = 4;

/// A drawing's positions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Of each node, its upper left corner and its width.
    pub(super) nodes: Vec<(i32, i32, i32)>,
    /// Of each edge, its points: two at each node or layer that it touches or passes.
    pub(super) lines: Vec<Vec<(i32, i32)>>,
}

/// Places nodes of the given widths; an edge leads from left to right.
pub(super) fn layout(widths: &[i32], edges: &[(usize, usize)]) -> Layout {
    let mut grid = Grid::new(widths.len(), edges);
    grid.order();
    let middles = grid.middles();
    // Where each layer begins and how wide it is.
    let mut columns = Vec::with_capacity(grid.layers.len());
    let mut x = 0;
    for layer in &grid.layers {
        let width = layer.iter().filter_map(|slot| widths.get(*slot)).copied().max().unwrap_or(0);
        columns.push((x, width));
        x += width + GAP;
    }
    let column = |slot: usize| columns[grid.layer_of[slot]];
    let node = |slot: usize| (column(slot).0, middles[slot] - NODE / 2, column(slot).1);
    let line = |path: &Vec<usize>| {
        let mut points = Vec::with_capacity(path.len() * 2);
        for (at, slot) in path.iter().enumerate() {
            let (x, width) = column(*slot);
            if at > 0 {
                points.push((x, middles[*slot]));
            }
            if at + 1 < path.len() {
                points.push((x + width, middles[*slot]));
            }
        }
        points
    };
    let lowest = middles.iter().take(widths.len()).copied().max().unwrap_or(0);
    let lowest_line = middles.iter().copied().max().unwrap_or(0);
    Layout {
        width: (x - GAP).max(0),
        height: (lowest + NODE / 2).max(lowest_line + 1),
        nodes: (0..widths.len()).map(node).collect(),
        lines: grid.paths.iter().map(line).collect(),
    }
}

/// Slots in layers: the nodes, and then one for each layer that a line passes.
struct Grid {
    layers: Vec<Vec<usize>>,
    layer_of: Vec<usize>,
    /// Neighbours of each slot in the layer to its left, and to its right.
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    /// The slots of each edge, from left to right.
    paths: Vec<Vec<usize>>,
    nodes: usize,
}

impl Grid {
    fn new(nodes: usize, edges: &[(usize, usize)]) -> Self {
        let layer_of = layers(nodes, edges);
        let count = layer_of.iter().max().map_or(0, |last| last + 1);
        let mut grid = Self {
            layers: vec![Vec::new(); count],
            left: vec![Vec::new(); nodes],
            right: vec![Vec::new(); nodes],
            layer_of,
            paths: Vec::with_capacity(edges.len()),
            nodes,
        };
        for node in 0..nodes {
            grid.layers[grid.layer_of[node]].push(node);
        }
        for &(from, to) in edges {
            grid.route(from, to);
        }
        grid
    }

    /// Gives an edge its slots; one that leads back is routed as if it led forward.
    fn route(&mut self, from: usize, to: usize) {
        let (from, to) = if self.layer_of[from] <= self.layer_of[to] { (from, to) } else { (to, from) };
        let mut path = vec![from];
        for layer in self.layer_of[from] + 1..self.layer_of[to] {
            let slot = self.layer_of.len();
            self.layer_of.push(layer);
            self.left.push(Vec::new());
            self.right.push(Vec::new());
            self.layers[layer].push(slot);
            path.push(slot);
        }
        path.push(to);
        for pair in path.windows(2) {
            self.right[pair[0]].push(pair[1]);
            self.left[pair[1]].push(pair[0]);
        }
        self.paths.push(path);
    }

    /// Orders each layer by the mean place of its neighbours, there and back; keeps the
    /// best order that was seen.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        let mut improved = true;
        for sweep in 0..SWEEPS * 2 {
            let from_left = sweep % 2 == 0;
            // A way there and back that changed nothing for the better is the last one.
            if best.0 == 0 || (from_left && !std::mem::replace(&mut improved, false)) {
                break;
            }
            let mut places = self.places();
            let count = self.layers.len();
            for step in 1..count {
                let layer = if from_left { step } else { count - 1 - step };
                let neighbours = if from_left { &self.left } else { &self.right };
                let mut keyed: Vec<(f64, usize)> = self.layers[layer]
                    .iter()
                    .map(|slot| {
                        let key = mean(neighbours[*slot].iter().map(|next| places[*next]));
                        (key.unwrap_or(places[*slot]), *slot)
                    })
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[layer] = keyed.into_iter().map(|(_, slot)| slot).collect();
                for (at, slot) in self.layers[layer].iter().enumerate() {
                    places[*slot] = at as f64;
                }
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                improved = true;
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    /// The place of each slot in its layer.
    fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.layer_of.len()];
        for layer in &self.layers {
            for (at, slot) in layer.iter().enumerate() {
                places[*slot] = at as f64;
            }
        }
        places
    }

    /// How many pairs of lines cross between neighbouring layers.
    fn crossings(&self) -> usize {
        let mut places = vec![0; self.layer_of.len()];
        for layer in &self.layers {
            for (at, slot) in layer.iter().enumerate() {
                places[*slot] = at;
            }
        }
        let mut count = 0;
        for layer in &self.layers {
            // Where the lines so far end, sorted: those that end further down are crossed.
            let mut ends: Vec<usize> = Vec::new();
            for slot in layer {
                let mut own: Vec<usize> = self.right[*slot].iter().map(|to| places[*to]).collect();
                own.sort_unstable();
                for end in own {
                    let at = ends.partition_point(|other| *other <= end);
                    count += ends.len() - at;
                    ends.insert(at, end);
                }
            }
        }
        count
    }

    /// The middle of each slot, from the top; the order of each layer stays.
    fn middles(&self) -> Vec<i32> {
        let room = |slot: usize| if slot < self.nodes { ROW } else { LINE };
        // How far each slot at least is below the first of its layer.
        let mut offsets = vec![0.0; self.layer_of.len()];
        for layer in &self.layers {
            for pair in layer.windows(2) {
                offsets[pair[1]] = offsets[pair[0]] + (room(pair[0]) + room(pair[1])) / 2.0;
            }
        }
        let mut middles = offsets.clone();
        for sweep in 0..SWEEPS * 2 {
            let from_left = sweep % 2 == 0;
            let count = self.layers.len();
            for step in 0..count {
                let layer = &self.layers[if from_left { step } else { count - 1 - step }];
                let wanted = |slot: &usize| {
                    let (near, far) = (&self.left[*slot], &self.right[*slot]);
                    let near = if from_left { near } else { far };
                    let place = mean(near.iter().map(|next| middles[*next])).unwrap_or(middles[*slot]);
                    place - offsets[*slot]
                };
                let placed = rising(layer.iter().map(wanted));
                for (slot, place) in layer.iter().zip(placed) {
                    middles[*slot] = place + offsets[*slot];
                }
            }
        }
        let top = |slot: usize| middles[slot] - if slot < self.nodes { f64::from(NODE) / 2.0 } else { 1.0 };
        let highest = (0..middles.len()).map(top).fold(f64::INFINITY, f64::min);
        // Positions of some thousand units, which an `i32` holds.
        middles.into_iter().map(|middle| (middle - highest).round() as i32).collect()
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The rising sequence that is nearest to `wanted`, by least squares: neighbours that
/// are out of order share their mean.
fn rising(wanted: impl Iterator<Item = f64>) -> Vec<f64> {
    // Blocks of a sum and a count.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for value in wanted {
        blocks.push((value, 1));
        while let [.., a, b] = blocks.as_slice() {
            if a.0 / a.1 as f64 <= b.0 / b.1 as f64 {
                break;
            }
            let joined = (a.0 + b.0, a.1 + b.1);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    blocks.into_iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / count as f64, count)).collect()
}

/// The layer of each node: one more than that of the last node that leads to it, over
/// the edges that close no cycle.
fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let order = Order::new(nodes, edges);
    let mut layers = vec![0; nodes];
    for node in order.first_to_last() {
        for &(_, to) in edges.iter().filter(|edge| edge.0 == node && order.is_forward(**edge)) {
            layers[to] = layers[to].max(layers[node] + 1);
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::{NODE, layout, rising};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn what_is_led_to_stands_further_right() {
        let found = layout(&[100; 4], &[(0, 1), (1, 2), (0, 2), (3, 0)]);
        let x: Vec<i32> = found.nodes.iter().map(|node| node.0).collect();
        assert!(x[3] < x[0] && x[0] < x[1] && x[1] < x[2], "{x:?}");
        // The line that passes a layer touches it twice, and the other two do not.
        assert_eq!(found.lines.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 4, 2]);
    }

    #[test]
    fn a_cycle_and_a_loop_are_drawn_too() {
        let found = layout(&[10; 3], &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert_eq!((found.nodes.len(), found.lines.len()), (3, 4));
        assert_eq!(layout(&[], &[]).width, 0);
    }

    #[test]
    fn lines_that_need_not_cross_do_not() {
        // Two chains whose ends are named the wrong way round.
        let found = layout(&[10; 4], &[(0, 3), (1, 2)]);
        let y = |node: usize| found.nodes[node].1;
        assert_eq!(y(0) < y(1), y(3) < y(2));
    }

    #[test]
    fn the_nearest_rising_sequence_shares_means() {
        assert_eq!(rising([1.0, 3.0, 2.0, 5.0].into_iter()), [1.0, 2.5, 2.5, 5.0]);
        assert_eq!(rising([3.0, 2.0, 1.0].into_iter()), [2.0; 3]);
    }

    proptest! {
        #[test]
        fn nothing_overlaps_and_all_is_inside(edges in proptest::collection::vec((0usize..20, 0usize..20), 0..60), width in 1i32..200) {
            let found = layout(&[width; 20], &edges);
            prop_assert_eq!(&found, &layout(&[width; 20], &edges));
            for (at, a) in found.nodes.iter().enumerate() {
                prop_assert!(a.0 >= 0 && a.1 >= 0 && a.0 + a.2 <= found.width && a.1 + NODE <= found.height, "{:?}", found);
                for b in &found.nodes[at + 1..] {
                    prop_assert!(a.0 != b.0 || (a.1 - b.1).abs() > NODE, "{:?} {:?}", a, b);
                }
            }
            for (x, y) in found.lines.iter().flatten() {
                prop_assert!((0..=found.width).contains(x) && (0..=found.height).contains(y), "{:?}", found);
            }
        }

        #[test]
        fn a_rising_sequence_rises(values in proptest::collection::vec(any::<i16>(), 0..40)) {
            let found = rising(values.iter().map(|value| f64::from(*value)));
            prop_assert_eq!(found.len(), values.len());
            prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9));
        }
    }
}
