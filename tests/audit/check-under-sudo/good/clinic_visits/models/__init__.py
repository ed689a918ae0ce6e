from . import clinic_visits
