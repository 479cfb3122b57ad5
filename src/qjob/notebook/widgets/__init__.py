"""What the widgets of the notebook share: their files, and how they are drawn over HTML that stays."""
