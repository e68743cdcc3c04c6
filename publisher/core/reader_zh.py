"""How is a Chinese warning text built? 发布单位 + 时间 + 发布|更新|解除 + 灾种颜色预警[级]：预计… + 防御指南 + (来源).

Seen in the texts of the weather services of 2020 to 2026. A text in another language is only split into its first
sentence and the rest.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.core import places, recognise
from publisher.model.alert import Alert, AlertArea, Info, Reading
from publisher.model.finding import Finding
from publisher.model.pack import Pack
from publisher.model.words import Act
