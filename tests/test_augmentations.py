"""Augmentations against independent oracles, alone and together."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from scipy import ndimage, stats

from playground.choices.augmentations import augmentations
from playground.engine.training.augment import Augmenter

PLACES = np.arange(32) - 15.5
NOTHING = {
    "flip": {"probability": 0.0},
    "scale": {"amount": 0.0},
    "stretch": {"amount": 0.0},
    "shear": {"amount": 0.0},
    "rotation": {"degrees": 0.0},
    "translation": {"amount": 0.0},
    "crop": {"pad": 0},
    "lens": {"amount": 0.0},
    "jitter": {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0},
    "cutout": {"size": 0},
    "mixup": {"probability": 0.0},
    "cutmix": {"probability": 0.0},
}
MOVES = ("flip", "scale", "stretch", "shear", "rotation", "translation", "crop", "lens")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(count, seed=1):
    return torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator(seed))


def smooth(count, low=60, high=190):
    """Images without sharp edges or extreme colours."""
    rng = np.random.default_rng(2)
    images = ndimage.gaussian_filter(rng.normal(size=(count, 3, 32, 32)), (0, 0, 3, 3), mode="mirror")
    images = (images - images.min()) / np.ptp(images)
    return torch.from_numpy((low + (high - low) * images).round().astype(np.uint8))


def augmenter(*chosen_augmentations, mean=0.0, scale=1.0, seed=0, **facts):
    return Augmenter(
        chosen_augmentations, mean=torch.tensor(mean), scale=torch.tensor(scale), generator=generator(seed), **facts
    )


def choices(*names, **knobs):
    return [augmentations[name](**knobs) for name in names]


def numbers(count, seed=3, **fixed):
    """What `draw` gives, with the rows of the named augmentations set."""
    draws = augmenter(seed=seed).draw(count)
    for name, rows in fixed.items():
        draws[augmentations[name]] = torch.tensor(rows, dtype=torch.float32).reshape(-1, 1).repeat(1, count)
    return draws


def all_of(images):
    return torch.arange(len(images))


# -- nothing chosen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3, 1, 1), (3, 32, 32)])
@pytest.mark.parametrize("form", [torch.contiguous_format, torch.channels_last])
def test_with_nothing_chosen_a_batch_is_gathered_and_normalised(shape, form):
    images, index = noise(20), torch.tensor([7, 0, 7, 19])
    mean, scale = 255 * torch.rand(shape, generator=generator()), torch.rand(shape, generator=generator()) + 0.01
    augment = Augmenter((), mean=mean, scale=scale, generator=None)
    x, mix = augment(images.contiguous(memory_format=form), index)
    assert mix is None and x.dtype == torch.float32 and x.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(x, (images[index].float() - mean) * scale, rtol=0, atol=1e-4)
    restored = augment.restore(x)
    assert restored.dtype == torch.uint8 and torch.equal(restored, images[index].permute(0, 2, 3, 1))


def test_what_was_cut_to_black_or_white_is_restored_in_range():
    x = torch.tensor([-9.0, 9.0]).view(2, 1, 1, 1).expand(2, 3, 32, 32)
    assert augmenter(mean=120.0, scale=1 / 60).restore(x).flatten(1).unique(dim=1).tolist() == [[0], [255]]


# -- the choices -----------------------------------------------------------------------------------------------------


def test_every_choice_explains_itself():
    assert list(NOTHING) == list(augmentations)
    for cls in augmentations.values():
        assert cls.summary().endswith(".") and len(cls.summary()) <= 120
        assert all(f"\n    {part}: " in cls.__doc__ for part in ("Formula", "Watch", "Reference"))
        assert cls.knobs() and all(knob.help for knob in cls.knobs().values())


@pytest.mark.parametrize("name", augmentations)
def test_without_strength_nothing_happens(name):
    images = noise(16)
    x, mix = augmenter(*choices(name, **NOTHING[name]))(images, all_of(images))
    resampled = not augmentations[name].whole_pixels or name == "jitter"
    torch.testing.assert_close(x, images.float(), rtol=0, atol=0.02 if resampled else 0)
    assert mix is None or torch.equal(mix.share, torch.ones(16))


SUBSETS = [
    *((name,) for name in augmentations),
    *itertools.combinations(("flip", "crop", "rotation", "jitter", "cutout", "mixup", "cutmix"), 2),
    *itertools.combinations(("crop", "lens", "jitter", "cutmix"), 3),
    tuple(augmentations),
]


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_any_subset_in_any_order_on_batches_of_any_size(names):
    images = noise(9)
    before, state = images.clone(), torch.get_rng_state()
    for count in (1, 9):
        index = torch.arange(count)
        x, mix = augmenter(*choices(*names), mean=120.0, scale=0.02)(images, index)
        again, mix_again = augmenter(*reversed(choices(*names)), mean=120.0, scale=0.02)(images, index)
        assert x.shape == (count, 3, 32, 32) and x.dtype == torch.float32
        assert x.is_contiguous(memory_format=torch.channels_last)
        assert torch.isfinite(x).all() and x.abs().max() <= 2.7001
        assert torch.equal(x, again)
        assert (mix is None) == (not {"mixup", "cutmix"} & set(names))
        if mix is not None:
            assert torch.equal(mix.share, mix_again.share) and torch.equal(mix.partner, mix_again.partner)
            assert mix.partner.dtype == torch.int64 and sorted(mix.partner.tolist()) == list(range(count))
            assert mix.share.shape == (count,) and ((mix.share >= 0) & (mix.share <= 1)).all()
    assert torch.equal(images, before), "the images were written to"
    assert torch.equal(torch.get_rng_state(), state), "the global generator was used"


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_both_orders_in_memory_give_the_same_batch(names):
    images = noise(6)
    x, _ = augmenter(*choices(*names))(images, all_of(images))
    y, _ = augmenter(*choices(*names))(images.contiguous(memory_format=torch.channels_last), all_of(images))
    torch.testing.assert_close(x, y, rtol=0, atol=1e-3)


# -- random numbers --------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_batches_and_the_state_can_be_kept():
    images, every = noise(12), choices(*augmentations)
    augment = augmenter(*every, seed=5)
    first = [augment(images, all_of(images))[0] for _ in range(2)]
    state = augment.generator.get_state()
    third = augment(images, all_of(images))[0]
    again = augmenter(*every, seed=5)
    assert all(torch.equal(x, again(images, all_of(images))[0]) for x in first)
    resumed = augmenter(*every, seed=99)
    resumed.generator.set_state(state)
    assert torch.equal(resumed(images, all_of(images))[0], third)
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], augmenter(*every, seed=6)(images, all_of(images))[0])


def test_choosing_one_does_not_change_what_the_others_do():
    images = noise(12)
    alone, more = augmenter(*choices("flip"), mean=-1.0), augmenter(*choices("flip", "cutout"), mean=-1.0)
    for _ in range(3):
        flipped, hidden = alone(images, all_of(images))[0], more(images, all_of(images))[0]
        assert torch.equal(hidden[hidden > 0], flipped[hidden > 0])
        assert 0.75 < (hidden > 0).float().mean() < 1


# -- whole pixels ----------------------------------------------------------------------------------------------------


def test_a_flip_mirrors_exactly_and_as_often_as_asked():
    images = noise(2000)
    x, _ = augmenter(*choices("flip", probability=0.3))(images, all_of(images))
    same = (x == images.float()).flatten(1).all(1)
    mirrored = (x == images.float().flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert mirrored.float().mean() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("flip", [(), ("flip",)], ids=["", "flip"])
@pytest.mark.parametrize("border", ["reflect", "zero"])
@pytest.mark.parametrize("pad", [1, 4, 16])
def test_a_crop_is_a_window_of_the_padded_image(pad, border, flip):
    images = noise(400)
    augment = augmenter(*choices("crop", pad=pad, border=border), *choices(*flip), mean=120.0, scale=1 / 64)
    draws = augment.draw(len(images))
    x, _ = augment.apply(images, all_of(images), draws)
    normalised = ((images.float() - 120) / 64).numpy()
    mirrored = draws[augmentations["flip"]][0] < 0.5 if flip else torch.zeros(len(images), dtype=torch.bool)
    normalised = np.where(mirrored[:, None, None, None], normalised[..., ::-1], normalised)
    mode = {"mode": "reflect"} if border == "reflect" else {}
    padded = np.pad(normalised, ((0, 0), (0, 0), (pad, pad), (pad, pad)), **mode)
    offsets = set()
    for image, wide, u in zip(x.numpy(), padded, draws[augmentations["crop"]].T.tolist()):
        i, j = (int(v * (2 * pad + 1)) for v in u)
        offsets.add((i, j))
        assert (image == wide[:, j : j + 32, i : i + 32]).all()
    assert {v for pair in offsets for v in pair} == set(range(2 * pad + 1))


# -- resampling ------------------------------------------------------------------------------------------------------


def looked_up(name, choice, u, x, y):
    """Where each augmentation looks a place up, written out once more, for one image."""
    v = 2 * u.double().numpy() - 1
    if name == "flip":
        return (-x, y) if u[0] < choice.probability else (x, y)
    if name == "scale":
        f = (1 + choice.amount) ** v[0]
        return x / f, y / f
    if name == "stretch":
        f = (1 + choice.amount) ** v[0]
        return x / f, y * f
    if name == "shear":
        return x + choice.amount * v[0] * y, y + choice.amount * v[1] * x
    if name == "rotation":
        rotated = (x + 1j * y) * np.exp(1j * np.radians(choice.degrees * v[0]))
        return rotated.real, rotated.imag
    if name == "translation":
        return x - 32 * choice.amount * v[0], y - 32 * choice.amount * v[1]
    if name == "crop":
        i, j = np.floor(u.numpy() * (2 * choice.pad + 1)) - choice.pad
        return x + i, y + j
    factor = 1 + choice.amount * v[0] * (x**2 + y**2) / (2 * 15.5**2)
    return x * factor, y * factor


def oracle(image, x, y):
    """The image at places, by SciPy: bilinear, mirrored about the outermost pixels."""
    at = [y + 15.5, x + 15.5]
    return np.stack([ndimage.map_coordinates(plane.astype(float), at, order=1, mode="mirror") for plane in image])


@pytest.mark.parametrize("names", [*((name,) for name in MOVES), ("flip", "rotation", "lens"), MOVES], ids="+".join)
def test_one_resampling_is_the_composed_map(names):
    images = noise(24)
    augment = augmenter(*choices(*names))
    draws = augment.draw(len(images))
    x, _ = augment.apply(images, all_of(images), draws)
    for k, image in enumerate(images.numpy()):
        across, down = np.meshgrid(PLACES, PLACES)
        for augmentation in reversed(augment.chosen):  # what happens last looks up first
            across, down = looked_up(augmentation.name, augmentation, draws[type(augmentation)][:, k], across, down)
        np.testing.assert_allclose(x[k].numpy(), oracle(image, across, down), atol=0.05)


@pytest.mark.parametrize("angle", [-180, -90, -30, 12.5, 90])
def test_a_rotation_turns_to_the_left_as_pillow_does(angle):
    images = smooth(3)
    augment = augmenter(*choices("rotation", degrees=180.0))
    x, _ = augment.apply(images, all_of(images), numbers(3, rotation=[0.5 + angle / 360]))
    inside = np.hypot(*np.meshgrid(PLACES, PLACES)) < 15
    for image, rotated in zip(images, x.numpy()):
        picture = Image.fromarray(image.permute(1, 2, 0).numpy())
        expected = np.asarray(picture.rotate(angle, Image.Resampling.BILINEAR)).transpose(2, 0, 1)
        assert np.abs(rotated - expected)[:, inside].max() < 1.01


def test_a_quarter_turn_is_exact():
    images = noise(3)
    augment = augmenter(*choices("rotation", degrees=180.0))
    x, _ = augment.apply(images, all_of(images), numbers(3, rotation=[0.75]))
    torch.testing.assert_close(x, images.float().rot90(1, (2, 3)), rtol=0, atol=0.02)


def test_a_barrel_bends_lines_outwards_and_a_pincushion_inwards():
    image = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    image[..., 24:26] = 255  # a bright upright line to the right of the middle
    augment = augmenter(*choices("lens", amount=0.3))
    barrel, pincushion = (
        augment.apply(image, all_of(image), numbers(1, lens=[u]))[0][0, 0].numpy() @ PLACES / 510
        for u in (0.999, 0.001)
    )
    assert barrel[15] > barrel[0] + 1 and pincushion[15] < pincushion[0] - 1


def test_outside_lies_the_mirror_image_and_not_black():
    images = torch.full((8, 3, 32, 32), 200, dtype=torch.uint8)
    x, _ = augmenter(*choices(*MOVES))(images, all_of(images))
    torch.testing.assert_close(x, images.float(), rtol=0, atol=1e-3)


# -- colour ----------------------------------------------------------------------------------------------------------


LUMA = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)


def jittered(images, knob, amount, u):
    """All images changed alike by one knob; u of 0 and 1 are the amount to either side."""
    rows = [0.5, 0.5, 0.5, 0.5]
    rows[list(NOTHING["jitter"]).index(knob)] = u
    augment = augmenter(*choices("jitter", **{**NOTHING["jitter"], knob: amount}))
    return augment.apply(images, all_of(images), numbers(len(images), jitter=rows))[0]


@pytest.mark.parametrize("u", [0.0, 0.3, 0.9])
@pytest.mark.parametrize(
    "knob, name", [("brightness", "Brightness"), ("contrast", "Contrast"), ("saturation", "Color")]
)
def test_light_contrast_and_saturation_are_those_of_pillow(knob, name, u):
    images = noise(4)
    for image, changed in zip(images, jittered(images, knob, 0.8, u).numpy()):
        enhancer = getattr(ImageEnhance, name)(Image.fromarray(image.permute(1, 2, 0).numpy()))
        expected = np.asarray(enhancer.enhance(1 + 0.8 * (2 * u - 1))).transpose(2, 0, 1)
        assert np.abs(changed - expected).max() <= 2  # Pillow rounds greys and pixels to whole numbers


def test_a_turn_of_hue_keeps_the_grey_and_half_a_turn_is_the_opposite_colour():
    images = smooth(4, 90, 160)
    x = images.float()
    grey = (x * LUMA).sum(1, keepdim=True)
    for u in (0.1, 0.4, 0.95):
        shifted = jittered(images, "hue", 1.0, u)
        torch.testing.assert_close((shifted * LUMA).sum(1, keepdim=True), grey, rtol=0, atol=1e-3)
        assert (shifted - x).abs().max() > 3
    torch.testing.assert_close(jittered(images, "hue", 1.0, 1.0), 2 * grey - x, rtol=0, atol=1e-3)


def test_jitter_is_one_map_of_colour_for_each_image():
    images, augment = smooth(6, 110, 140), augmenter(*choices("jitter", hue=0.3))
    x, _ = augment(images, all_of(images))
    maps = set()
    for before, after in zip(images.flatten(2).double(), x.flatten(2).double()):
        colours = torch.cat((before, torch.ones(1, 1024))).T
        solved = torch.linalg.lstsq(colours, after.T)
        assert (colours @ solved.solution - after.T).abs().max() < 1e-3
        maps.add(round(float(solved.solution[0, 0]), 4))
    assert len(maps) == 6


def test_jitter_stays_within_the_range_of_pixels():
    images = noise(64)
    x, _ = augmenter(*choices("jitter", brightness=1.0, contrast=1.0, saturation=1.0, hue=1.0))(images, all_of(images))
    assert x.min() == 0 and x.max() == 255


# -- cutout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 16, 32])
def test_cutout_hides_a_square_of_the_size_asked(size):
    images = noise(300)
    augment = augmenter(*choices("cutout", size=size), mean=-1.0)
    draws = augment.draw(len(images))
    x, _ = augment.apply(images, all_of(images), draws)
    hidden = x == 0
    assert torch.equal(x[~hidden], images.float()[~hidden] + 1)
    assert (hidden == hidden[:, :1]).all(), "the same square in all three colours"
    down, across = hidden[:, 0].any(2).sum(1), hidden[:, 0].any(1).sum(1)
    assert torch.equal(hidden[:, 0].sum((1, 2)), down * across)
    centre = 32 * draws[augmentations["cutout"]][1:]
    uncut = (centre.sub(16).abs() < 16 - size / 2).all(0)
    assert (down[uncut] == size).all() and (across[uncut] == size).all()
    expected = (centre + size / 2).clamp(max=32) - (centre - size / 2).clamp(min=0)
    assert (expected - torch.stack((across, down))).abs().max() <= 1


def test_cutout_hides_as_often_as_asked():
    images = noise(1000)
    x, _ = augmenter(*choices("cutout", size=8, probability=0.4), mean=-1.0)(images, all_of(images))
    assert (x == 0).flatten(1).any(1).float().mean() == pytest.approx(0.4, abs=0.05)


# -- mixtures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 8.0])
def test_mixup_mixes_images_as_it_says_in_shares_from_the_beta_distribution(alpha):
    images = noise(3000)
    x, mix = augmenter(*choices("mixup", alpha=alpha))(images, all_of(images))
    share = mix.share.view(-1, 1, 1, 1)
    expected = share * images.float() + (1 - share) * images[mix.partner].float()
    torch.testing.assert_close(x, expected, rtol=0, atol=1e-3)
    assert sorted(mix.partner.tolist()) == list(range(3000))
    assert (mix.partner == all_of(images)).sum() < 10
    for share in (0.001, 0.1, 0.5, 0.8, 0.999):
        assert (mix.share < share).float().mean() == pytest.approx(stats.beta(alpha, alpha).cdf(share), abs=0.035)


def test_the_labels_of_a_mixture_sum_to_one_and_its_loss_is_that_of_both():
    images, labels = noise(50), torch.arange(50) % 10
    _, mix = augmenter(*choices("mixup", "cutmix"))(images, all_of(images))
    one_hot = torch.eye(10)[labels]
    target = mix.share[:, None] * one_hot + (1 - mix.share)[:, None] * one_hot[mix.partner]
    torch.testing.assert_close(target.sum(1), torch.ones(50))
    scores = torch.randn(50, 10, generator=generator())
    loss = torch.nn.functional.cross_entropy(scores, target, reduction="none")
    own, other = (torch.nn.functional.cross_entropy(scores, y, reduction="none") for y in (labels, labels[mix.partner]))
    torch.testing.assert_close(loss, mix.share * own + (1 - mix.share) * other)


def test_cutmix_pastes_a_rectangle_and_counts_its_pixels():
    images = torch.arange(200, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 32, 32).contiguous()
    augment = augmenter(*choices("cutmix", probability=0.7))
    draws = augment.draw(200)
    x, mix = augment.apply(images, all_of(images), draws)
    own, other = images.float(), images[mix.partner].float()
    assert ((x == own) | (x == other)).all()
    pasted = (x != own)[:, 0]
    has_partner = mix.partner != torch.arange(200)
    assert torch.equal(pasted.float().mean((1, 2))[has_partner], 1 - mix.share[has_partner])
    assert torch.equal(pasted.sum((1, 2)), pasted.any(1).sum(1) * pasted.any(2).sum(1)), "a rectangle"
    spared, share, *centre = draws[augmentations["cutmix"]]
    assert (mix.share[spared >= 0.7] == 1).all() and (mix.share < 1).float().mean() == pytest.approx(0.7, abs=0.1)
    half = 16 * (1 - share).sqrt()  # alpha 1: the share is uniform
    sides = [((32 * c + half).clamp(max=32) - (32 * c - half).clamp(min=0)).numpy() for c in centre]
    side_counts = [pasted.any(axis).sum(1).numpy() for axis in (1, 2)]
    mask = (has_partner & (spared < 0.7) & pasted.any(1).any(1)).numpy()
    assert all(np.abs(side - count)[mask].max() <= 1.001 for side, count in zip(sides, side_counts))


def test_mixup_and_cutmix_together_multiply_their_shares():
    images = noise(100)
    augment, singles = (
        augmenter(*choices("mixup", "cutmix")),
        [augmenter(*choices(name)) for name in ("mixup", "cutmix")],
    )
    x, mix = augment(images, all_of(images))
    shares = [single(images, all_of(images))[1].share for single in singles]
    torch.testing.assert_close(mix.share, shares[0] * shares[1])
    own, other = images.float(), images[mix.partner].float()
    weights = shares[0].view(-1, 1, 1, 1) * torch.tensor([0.0, 1.0])  # pasted over, or only mixed
    fits = [(weight * own + (1 - weight) * other - x).abs() < 1e-3 for weight in weights.split(1, 3)]
    assert (fits[0] | fits[1]).all()


# -- a GPU -----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_a_gpu_gives_the_same_batch_without_waiting(names):
    images = noise(16)
    x, mix = augmenter(*choices(*names))(images, all_of(images))
    augment, there, index = augmenter(*choices(*names), device="cuda"), images.cuda(), all_of(images).cuda()
    # The tables of constants are made once:
    augment.apply(there, torch.arange(16, device=there.device), augment.draw(16))
    augment.generator.set_state(generator().get_state())
    torch.cuda.set_sync_debug_mode("error")
    try:
        y, mix_there = augment(there, index)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    torch.testing.assert_close(x, y.cpu(), rtol=0, atol=0.1)
    assert mix is None or torch.equal(mix.partner, mix_there.partner.cpu())
