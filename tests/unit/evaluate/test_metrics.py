"""Values worked by hand, and scikit-learn's where it has the metric."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from motet.errors import ProjectError
from motet.evaluate import find

from ._make import at_random, make


def value(name, predictions):
    return find(name).value(predictions)


class TestRanking:
    hits = make("ranking", rank_n=[0, 3, 9, 10, 20], num_items=20, top_nK=[[0, 1], [1, 2], [0, 1], [2, 0], [1, 0]])

    def test_recall_counts_the_first_k(self):
        assert value("recall@10", self.hits) == pytest.approx(3 / 5)
        assert value("recall@5", self.hits) == pytest.approx(2 / 5)
        assert value("recall@1", self.hits) == pytest.approx(1 / 5)

    def test_ndcg_discounts_by_place(self):
        assert value("ndcg@10", self.hits) == pytest.approx((1 + 1 / math.log2(5) + 1 / math.log2(11)) / 5)
        assert value("ndcg@5", self.hits) == pytest.approx((1 + 1 / math.log2(5)) / 5)

    def test_reciprocal_rank_of_a_target_outside_the_catalogue_is_zero(self):
        assert value("mrr", self.hits) == pytest.approx((1 + 1 / 4 + 1 / 10 + 1 / 11 + 0) / 5)

    def test_no_cut_off_reaches_a_target_outside_the_catalogue(self):
        assert value("recall@50", self.hits) == pytest.approx(4 / 5)
        assert value("recall@10", make("ranking", rank_n=[3, 2], num_items=3)) == pytest.approx(1 / 2)

    def test_coverage_counts_items_shown_to_anyone(self):
        assert value("coverage", self.hits) == pytest.approx(3 / 20)

    def test_coverage_without_lists_is_undefined(self):
        assert math.isnan(value("coverage", make("ranking", rank_n=[1], num_items=3)))

    def test_an_unknown_metric_is_answered_with_the_known_ones(self):
        with pytest.raises(ProjectError, match="ndcg@10"):
            find("ndgc@10")
        with pytest.raises(ProjectError):
            find("recall@0")


class TestBinary:
    some = at_random("binary", n=200)
    truth, score = some.label, some.score

    def test_auc_as_scikit_learn_also_with_ties(self):
        assert value("auc", self.some) == pytest.approx(sk.roc_auc_score(self.truth, self.score))
        coarse = make("binary", score=np.round(self.score, 1), label=self.truth)
        assert value("auc", coarse) == pytest.approx(sk.roc_auc_score(self.truth, coarse.score))

    def test_auc_by_hand(self):
        # Of 2 × 2 pairs: .9 beats both, .4 loses to .6 and ties with .4.
        assert value("auc", make("binary", score=[0.9, 0.4, 0.6, 0.4], label=[1, 1, 0, 0])) == pytest.approx(2.5 / 4)

    def test_auc_of_one_class_is_undefined(self):
        assert math.isnan(value("auc", make("binary", score=[0.1, 0.4], label=[1, 1])))

    def test_decisions_as_scikit_learn(self):
        said = self.score >= 0.5
        assert value("accuracy", self.some) == pytest.approx(sk.accuracy_score(self.truth, said))
        assert value("precision", self.some) == pytest.approx(sk.precision_score(self.truth, said))
        assert value("recall", self.some) == pytest.approx(sk.recall_score(self.truth, said))
        assert value("macro_f1", self.some) == pytest.approx(sk.f1_score(self.truth, said, average="macro"))
        assert value("log_loss", self.some) == pytest.approx(
            sk.log_loss(self.truth, self.score.astype(float)), rel=1e-6
        )

    def test_one_half_means_yes(self):
        assert value("accuracy", make("binary", score=[0.5], label=[1])) == 1.0

    def test_precision_without_a_yes_and_recall_without_a_positive_are_undefined(self):
        assert math.isnan(value("precision", make("binary", score=[0.1, 0.2], label=[0, 1])))
        assert math.isnan(value("recall", make("binary", score=[0.1, 0.9], label=[0, 0])))

    def test_macro_f1_of_one_class_as_scikit_learn(self):
        one = make("binary", score=[0.9, 0.8], label=[1, 1])
        assert value("macro_f1", one) == sk.f1_score([1, 1], [1, 1], average="macro") == 1.0

    def test_log_loss_is_clipped(self):
        assert value("log_loss", make("binary", score=[0.0], label=[1])) == pytest.approx(-math.log(1e-6))

    def test_ece_by_hand(self):
        # Ties share a bin: promises of .2 come true half the time, promises of .9 always.
        two = make("binary", score=[0.2, 0.2, 0.9, 0.9], label=[0, 1, 1, 1])
        assert value("ece", two) == pytest.approx((0.3 + 0.1) / 2, rel=1e-6)

    def test_ece_has_fifteen_bins_of_equal_mass(self):
        score = np.linspace(0.01, 0.99, 150)
        label = np.arange(150) % 3 == 0
        bins = np.split(np.arange(150), 15)
        expected = np.mean([abs(score[b].mean() - label[b].mean()) for b in bins])
        assert value("ece", make("binary", score=score, label=label)) == pytest.approx(expected, rel=1e-5)


class TestClass:
    some = at_random("class", n=150)

    def test_as_scikit_learn(self):
        said = self.some.score.argmax(1)
        truth = self.some.label.astype(int)
        assert value("accuracy", self.some) == pytest.approx(sk.accuracy_score(truth, said))
        assert value("macro_f1", self.some) == pytest.approx(sk.f1_score(truth, said, average="macro"))
        assert value("micro_f1", self.some) == pytest.approx(sk.f1_score(truth, said, average="micro"))
        score = self.some.score.astype(float)
        expected = sk.log_loss(truth, score / score.sum(1, keepdims=True), labels=range(4))
        assert value("log_loss", self.some) == pytest.approx(expected, rel=1e-5)

    def test_a_class_that_training_never_showed_is_a_miss(self):
        unseen = make("class", score=[[0.9, 0.1], [0.2, 0.8]], label=[-1, 1])
        assert value("accuracy", unseen) == 0.5
        assert value("micro_f1", unseen) == 0.5
        assert value("macro_f1", unseen) == pytest.approx(sk.f1_score([-1, 1], [0, 1], average="macro"))
        assert value("log_loss", unseen) == pytest.approx((-math.log(1e-6) - math.log(0.8)) / 2, rel=1e-6)
        assert value("ece", unseen) == pytest.approx((0.9 + 0.2) / 2, rel=1e-6)


class TestOrdinal:
    # Median 2, mean 2.5, mode 1: three different answers to one question.
    split = make("ordinal", score=[[0.4, 0.2, 0.1, 0.3]], label=[2], levels_C=[1, 2, 3, 5])

    def test_each_metric_decodes_in_its_own_way(self):
        assert value("mae", self.split) == pytest.approx(0.0, abs=1e-6)
        assert value("mse", self.split) == pytest.approx(0.6**2, rel=1e-5)
        assert value("rmse", self.split) == pytest.approx(0.6, rel=1e-5)
        assert value("accuracy", self.split) == 0.0

    def test_kappa_as_scikit_learn(self):
        some = at_random("ordinal", n=150)
        said = some.score.argmax(1) + 1
        expected = sk.cohen_kappa_score(some.label.astype(int), said, weights="quadratic")
        assert value("qwk", some) == pytest.approx(expected)

    def test_kappa_does_not_depend_on_the_origin_or_unit_of_the_levels(self):
        some = at_random("ordinal", n=80)
        moved = make("ordinal", score=some.score, label=some.label * 0.5 + 2**12, levels_C=some.levels_C * 0.5 + 2**12)
        assert value("qwk", moved) == pytest.approx(value("qwk", some))

    def test_kappa_of_a_constant_is_undefined(self):
        same = make("ordinal", score=[[0.1, 0.9], [0.3, 0.7]], label=[2, 2], levels_C=[1, 2])
        assert math.isnan(value("qwk", same))

    def test_half_of_the_probability_decides_the_median(self):
        assert value("mae", make("ordinal", score=[[0.5, 0.5]], label=[1], levels_C=[1, 5])) == 0.0


class TestTags:
    some = at_random("tags", n=80)

    def test_f1_as_scikit_learn(self):
        said = self.some.score >= 0.5
        for name, average in (("macro_f1", "macro"), ("micro_f1", "micro")):
            expected = sk.f1_score(self.some.label, said, average=average, zero_division=0)
            assert value(name, self.some) == pytest.approx(expected)

    def test_a_tag_that_never_occurs_counts_as_zero_like_in_scikit_learn(self):
        rare = make("tags", score=[[0.9, 0.1], [0.8, 0.2]], label=[[1, 0], [1, 0]])
        assert value("macro_f1", rare) == 0.5

    def test_map_as_scikit_learn_without_ties(self):
        rows = [(y, s) for y, s in zip(self.some.label, self.some.score, strict=True) if y.any()]
        expected = np.mean([sk.average_precision_score(y, s) for y, s in rows])
        assert 0 < len(rows) < 80
        assert value("map", self.some) == pytest.approx(expected)

    def test_map_by_hand(self):
        # Order 0, 2, 1: true tags at places 1 and 3.
        assert value("map", make("tags", score=[[0.9, 0.1, 0.5]], label=[[1, 1, 0]])) == pytest.approx((1 + 2 / 3) / 2)

    def test_equal_scores_count_against_us(self):
        tied = make("tags", score=[[0.5, 0.5, 0.5, 0.1]], label=[[1, 0, 0, 1]])
        assert value("map", tied) == pytest.approx((1 / 3 + 2 / 4) / 2)

    def test_true_tags_that_tie_with_each_other_share_consecutive_places(self):
        assert value("map", make("tags", score=[[0.5, 0.5, 0.1]], label=[[1, 1, 0]])) == 1.0

    def test_map_in_small_steps_is_the_same(self, monkeypatch):
        whole = value("map", self.some)
        monkeypatch.setattr("motet.evaluate.metrics.average_precision.CELLS", 7)
        assert value("map", self.some) == whole

    def test_map_without_any_true_tag_is_undefined(self):
        assert math.isnan(value("map", make("tags", score=[[0.5, 0.1]], label=[[0, 0]])))

    def test_log_loss_is_the_mean_over_cells(self):
        score = self.some.score.astype(float).ravel()
        assert value("log_loss", self.some) == pytest.approx(sk.log_loss(self.some.label.ravel(), score), rel=1e-6)


class TestNumber:
    def test_by_hand(self):
        off = make("number", score=[1, 2, 3], label=[1, 4, 0])
        assert value("mae", off) == pytest.approx(5 / 3)
        assert value("mse", off) == pytest.approx(13 / 3)
        assert value("rmse", off) == pytest.approx(math.sqrt(13 / 3))
