#pragma once

#include "convolution.hpp"
#include "kernel_gradient.hpp"

namespace thimble::engine {

// Winograd's minimal filtering F(2×2, 3×3) [Lavin & Gray, CVPR 2016]: a 3×3 convolution makes each
// tile of 2×2 outputs from a patch d of 4×4 inputs as Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A, with 16
// multiplications for each pair of channels where the definition has 36. The ⊙ is a 1×1 convolution
// for each of the 16 places, over as many pixels as there are tiles.

/// Places of a transformed patch, tile or kernel.
inline constexpr int kPlaces = 16;

/// Whether a sweep is a 3×3 convolution at stride 1 with channels enough that the transformations
/// cost less than they save.
bool suits_winograd(const Sweep& sweep);
bool suits_winograd(Shape source, Shape output, const Window& window);

/// Floats of scratch memory that `convolve_winograd` needs.
std::int64_t winograd_scratch(const Sweep& sweep);
/// What `convolve` does. The sweep must suit; `task.weights` are packed transformed, and
/// `task.scratch` is there.
void convolve_winograd(const Convolution& task);

/// G g Gᵀ of one kernel [3][3], to [4][4].
void transform_kernel(const float (&kernel)[9], float (&transformed)[kPlaces]);

/// The same for the kernel's gradient, Gᵀ [Σ (A dy Aᵀ) ⊙ (Bᵀ d B)] G: `accumulate_winograd` does
/// what `accumulate` does, with partial sums [filters][16 places][input channels][width].
std::int64_t winograd_scratch(const WeightSweep& sweep);
void accumulate_winograd(const KernelGradient& task);

/// Gᵀ s G of one pair of channels' sums [4][4], to [3][3].
void transform_kernel_gradient(const float (&sums)[kPlaces], float (&gradient)[9]);

}  // namespace thimble::engine
