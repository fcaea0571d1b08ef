"""文件交换: packages that are carried instead of sent, for offices without a network.

What lives here: how a package out is made, and how a result package is read. What does not: which
tasks are in it and what a result means (`actions.file_exchange`).
"""

from yijian.gateways.files.complaints import Complaint as Complaint
from yijian.gateways.files.complaints import complaints_csv as complaints_csv
from yijian.gateways.files.packing import Contents as Contents
from yijian.gateways.files.packing import PackedTask as PackedTask
from yijian.gateways.files.packing import pack as pack
from yijian.gateways.files.results import ResultFile as ResultFile
from yijian.gateways.files.results import ResultLine as ResultLine
from yijian.gateways.files.results import UnreadablePackageError as UnreadablePackageError
from yijian.gateways.files.results import read_results as read_results
from yijian.gateways.files.sealing import NotASealingKeyError as NotASealingKeyError
from yijian.gateways.files.sealing import opened as opened
from yijian.gateways.files.sealing import read_sealing_key as read_sealing_key
from yijian.gateways.files.sealing import sealed as sealed
from yijian.gateways.files.tables import spelt as spelt
