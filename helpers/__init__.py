"""The workshop's small package: problems, prompts, models, answers, estimators, figures.

Importing a module that a notebook imports loads neither torch nor transformers nor its_hub: they load when
first used.
"""
