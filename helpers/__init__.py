"""The workshop's small package: problems, prompts, models, answers, estimators, figures. Each module says
what it promises.

Importing it, or any module in it, loads neither torch nor transformers nor its_hub: they load when first
used.
"""
