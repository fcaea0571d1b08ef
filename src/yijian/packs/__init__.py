"""政策包: folders of YAML become `domain.policy` values; files in, values out."""
