//! Which way the edges of a graph lead: an order of its nodes, and which edges say
//! nothing new.

/// An order in which every edge leads forward, but those that close a cycle.
pub(super) struct Order {
    nodes: Vec<usize>,
    rank: Vec<usize>,
}

impl Order {
    /// Orders nodes: from what leads to others to what is led to.
    pub(super) fn new(count: usize, edges: &[(usize, usize)]) -> Self {
        let mut next = vec![Vec::new(); count];
        for &(from, to) in edges {
            next[from].push(to);
        }
        let mut seen = vec![false; count];
        let mut nodes = Vec::with_capacity(count);
        for root in 0..count {
            // A node and how many of its edges were followed.
            let mut path = vec![(root, 0)];
            while let Some((node, followed)) = path.pop() {
                if followed == 0 && std::mem::replace(&mut seen[node], true) {
                    continue;
                }
                match next[node].get(followed) {
                    Some(to) => path.extend([(node, followed + 1), (*to, 0)]),
                    None => nodes.push(node),
                }
            }
        }
        nodes.reverse();
        let mut rank = vec![0; count];
        for (at, node) in nodes.iter().enumerate() {
            rank[*node] = at;
        }
        Self { nodes, rank }
    }

    /// The nodes in this order.
    pub(super) fn first_to_last(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.nodes.iter().copied()
    }

    /// Whether an edge leads forward.
    pub(super) fn is_forward(&self, (from, to): (usize, usize)) -> bool {
        self.rank[from] < self.rank[to]
    }
}

/// The edges without those that a longer way over others implies. Edges that close a
/// cycle stay, and imply nothing.
pub(super) fn reduced(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let order = Order::new(count, edges);
    let forward: Vec<_> = edges.iter().copied().filter(|edge| order.is_forward(*edge)).collect();
    let mut reach = vec![vec![false; count]; count];
    for node in order.first_to_last().rev() {
        let mut own = vec![false; count];
        for &(_, to) in forward.iter().filter(|(from, _)| *from == node) {
            own[to] = true;
            for (own, further) in own.iter_mut().zip(&reach[to]) {
                *own |= *further;
            }
        }
        reach[node] = own;
    }
    let is_implied = |(from, to): (usize, usize)| forward.iter().any(|via| via.0 == from && reach[via.1][to]);
    edges.iter().copied().filter(|edge| !order.is_forward(*edge) || !is_implied(*edge)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Order, reduced};

    #[test]
    fn what_leads_to_others_comes_first() {
        let order = Order::new(4, &[(0, 1), (3, 0), (1, 2)]);
        assert_eq!(order.first_to_last().collect::<Vec<_>>(), [3, 0, 1, 2]);
        assert!(order.is_forward((3, 2)) && !order.is_forward((2, 3)) && !order.is_forward((1, 1)));
    }

    #[test]
    fn an_edge_that_a_longer_way_implies_is_left_out() {
        assert_eq!(reduced(4, &[(0, 1), (0, 2), (1, 2), (0, 3), (2, 3)]), [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn no_edge_of_a_cycle_is_lost() {
        let cycle = [(0, 1), (1, 2), (2, 0)];
        assert_eq!(reduced(3, &cycle), cycle);
        assert_eq!(reduced(2, &[(0, 1), (1, 0), (0, 0)]), [(0, 1), (1, 0), (0, 0)]);
    }
}
